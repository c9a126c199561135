"""Finite Fourier sums f(k) = sum_R c_R exp(i k.R) on the square lattice, as dicts {R: c_R}."""

from __future__ import annotations

Series = dict[tuple[int, int], complex]

COSINE_X: Series = {(1, 0): 0.5, (-1, 0): 0.5}
COSINE_Y: Series = {(0, 1): 0.5, (0, -1): 0.5}
SINE_X: Series = {(1, 0): -0.5j, (-1, 0): 0.5j}
SINE_Y: Series = {(0, 1): -0.5j, (0, -1): 0.5j}


def add(*terms: tuple[complex, Series]) -> Series:
    """Return sum of factor * series over the (factor, series) pairs."""
    total: Series = {}
    for factor, series in terms:
        for R, c in series.items():
            total[R] = total.get(R, 0) + factor * c
    return total


def multiply(a: Series, b: Series) -> Series:
    """Return the product of two Fourier sums (their coefficients are convolved)."""
    product: Series = {}
    for (ax, ay), ca in a.items():
        for (bx, by), cb in b.items():
            R = (ax + bx, ay + by)
            product[R] = product.get(R, 0) + ca * cb
    return {R: c for R, c in product.items() if c != 0}


def power(series: Series, exponent: int) -> Series:
    """Return the Fourier sum to the power `exponent` >= 1."""
    result = series
    for _ in range(exponent - 1):
        result = multiply(result, series)
    return result


SINE_X_PLUS_I_SINE_Y = add((1, SINE_X), (1j, SINE_Y))
