"""Places where two neighbouring levels nearly touch, and models that are made to have one, of a given width.

Around k the two levels are (h + V.dk).sigma: in the basis of the states at k, h = (0, 0, gap/2), and V has the elements
of the velocity. The nearest approach of the levels is where this is smallest, and Newton's steps lead to it. For all
three components to vanish three numbers are needed: two of k and one parameter of the Hamiltonian.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cc_kernels import Model, TightBinding, build_model
from tests.analytic.adaptive_quadrature import levels, region
from tests.identities.random_models import hermitian, random_model, with_field

X, Y, Z = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
TILTED = Z + 0.3 * X
"""An operator that is neither constant nor diagonal within the two levels."""
Hamiltonian = Callable[[np.ndarray], np.ndarray]
"""k (N, 2) -> H (N, nb, nb)."""
STEPS = 40
STRIDE = 0.3
"""Longest step of a search in k, 1/angstrom."""


@dataclass(frozen=True)
class NarrowGap:
    """Levels `lower` and `lower` + 1 come within `size` (eV) of each other, around `energy` (eV) at k (2,)."""

    size: float
    k: np.ndarray
    lower: int
    energy: float


@dataclass(frozen=True)
class NarrowGapModel:
    """A model with a narrow gap below mu (eV) at a temperature (K), and the operator (nb, nb) to ask for."""

    model: Model
    operator: np.ndarray
    gap: NarrowGap
    mu: float
    temperature: float = 1500.0


def two_levels(model: Model, k: np.ndarray, lower: int, *perturbations: np.ndarray) -> tuple[np.ndarray, ...]:
    """Energies (N, nb), h (N, 3) and V (N, 3, 2 + perturbations) of the levels lower, lower + 1 at k (N, 2)."""
    energies, velocity, *fields = levels(model, k, *perturbations)
    slopes = np.concatenate([velocity, np.reshape(fields, (-1, *velocity[:, 0].shape)).swapaxes(0, 1)], axis=1)
    neighbours = slopes[:, :, lower, lower + 1]
    distance = np.diff(slopes.diagonal(axis1=-2, axis2=-1).real, axis=-1)[..., lower]
    V = np.stack([neighbours.real, neighbours.imag, distance / 2], axis=1)
    h = (energies[:, lower + 1] - energies[:, lower])[:, None] / 2 * np.array([0, 0, 1])
    return energies, h, V


def narrow_gaps(model: Model, below: float, widest: float = 0.02, starts: int = 24) -> list[NarrowGap]:
    """The minima of the distance of neighbouring levels up to `widest` (eV), the pair's mean below `below` (eV).

    From starts^2 points of the zone; those that lead to one and the same place count once.
    """
    origin, span = region(model)
    found = []
    for lower in range(model.num_bands - 1):
        k = origin + (np.indices((starts, starts)).reshape(2, -1).T + 0.5) / starts @ span
        for _ in range(STEPS):
            _, h, V = two_levels(model, k, lower)
            k = k + _shortened(-np.einsum("kix,kx->ki", np.linalg.pinv(V, rcond=1e-9), h))
        energies, h, V = two_levels(model, k, lower)
        slope = np.linalg.norm(np.einsum("kxi,kx->ki", V, h), axis=1)
        size = np.diff(energies, axis=1)[:, lower]
        # the distance is at its minimum to second order: |dk| below 1e-6 of gap/velocity, or rounding
        at_rest = slope <= np.linalg.norm(V, axis=(1, 2)) * np.maximum(1e-6 * size, 1e-14)
        middle = energies[:, lower : lower + 2].mean(axis=1)
        fractions = (k - origin) @ np.linalg.inv(span)
        if model.reciprocal is not None:
            fractions -= np.round(fractions)
        k = origin + fractions @ span
        inside = ((fractions >= 0) & (fractions <= 1)).all(axis=1) | (model.reciprocal is not None)
        chosen = np.flatnonzero(at_rest & inside & (size < widest) & (middle < below))
        places: list[np.ndarray] = []
        for index in chosen:
            apart = [fractions[index] - place for place in places]
            if all(np.abs(x - np.round(x)).max() > 1e-5 for x in apart):
                places.append(fractions[index])
                found.append(NarrowGap(float(size[index]), k[index], lower, float(middle[index])))
    return found


def crossing(
    family: Callable[[float], Model], field: np.ndarray, lower: int, k: np.ndarray, value: float
) -> tuple[np.ndarray, float] | None:
    """k and the parameter where levels lower, lower + 1 cross, from a start; None where Newton's steps lead nowhere.

    family : the model for a value of the parameter. field : dH/d(parameter), (nb, nb).
    """
    for _ in range(STEPS):
        _, h, V = two_levels(family(value), k[None], lower, field)
        if np.linalg.norm(h) < 1e-13:
            return k, value
        step = _shortened(-np.linalg.lstsq(V[0], h[0], rcond=1e-9)[0][None])[0]
        k, value = k + step[:2], value + step[2]
    return None


def opened(
    family: Callable[[float], Model], field: np.ndarray, lower: int, k: np.ndarray, value: float, size: float
) -> tuple[Model, NarrowGap]:
    """The model beside a crossing whose gap is `size` (eV).

    The levels are apart by 2 |n.dh/d(parameter)| x the change of the parameter, n the normal of the plane of dh/dk.
    """
    _, _, V = two_levels(family(value), k[None], lower, field)
    normal = np.cross(V[0, :, 0], V[0, :, 1])
    rate = 2 * abs(normal @ V[0, :, 2]) / np.linalg.norm(normal)
    found = 0.0
    for _ in range(STEPS):
        value += (size - found) / rate
        for _ in range(STEPS // 3):
            energies, h, V = two_levels(family(value), k[None], lower)
            k = k - np.linalg.lstsq(V[0], h[0], rcond=None)[0]
        found = 2 * h[0, 2]
        if abs(found - size) < 1e-6 * size:
            break
    return family(value), NarrowGap(float(found), k, lower, float(energies[0, lower : lower + 2].mean()))


def _shortened(steps: np.ndarray) -> np.ndarray:
    """Steps (N, ...), none longer than `STRIDE`."""
    length = np.linalg.norm(steps, axis=1, keepdims=True)
    return steps * np.minimum(1, STRIDE / np.maximum(length, STRIDE))


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def altermagnet_with_narrow_gap(rng: np.random.Generator, size: float | None = None) -> NarrowGapModel:
    """`altermagnet_rashba` with random alpha, J and bx, by tuned; `size` (eV): 2e-6 to 1e-2 unless given.

    h = (alpha sin ky + bx, -alpha sin kx + by, J(cos kx - cos ky)) vanishes for bx = by where sin kx = -sin ky =
    bx/alpha. mu lies 0.9 eV and more above the gap.
    """
    alpha, J = rng.uniform(0.2, 0.6), rng.uniform(0.1, 0.5)
    bx = alpha * rng.uniform(0.1, 0.7)
    size = log_uniform(rng, 2e-6, 1e-2) if size is None else size

    def family(by: float) -> Model:
        return build_model("altermagnet_rashba", alpha=alpha, J=J, bx=bx, by=by)

    k = np.arcsin(bx / alpha) * np.array([1, -1])
    model, gap = opened(family, np.array([[0, -1j], [1j, 0]]), 0, k, bx, size)
    return NarrowGapModel(model, model.operator("spin_z").matrix, gap, mu=2.0)


def four_bands_with_narrow_gap(rng: np.random.Generator, lower: int = 1, size: float | None = None) -> NarrowGapModel:
    """A random four-band model with a narrow gap between levels `lower` and `lower` + 1, mu 1.5 eV above it.

    H + x W, W a random Hermitian matrix, x tuned. `size` (eV): 2e-6 to 1e-2 unless given.
    """
    size = log_uniform(rng, 2e-6, 1e-2) if size is None else size
    while True:
        start, W = random_model(int(rng.integers(2**31)), 2, 4, hopping=0.3), hermitian(rng, 4)

        def family(x: float, start: TightBinding = start, W: np.ndarray = W) -> TightBinding:
            return with_field(start, x * W)

        for k in rng.uniform(size=(20, 2)) @ start.reciprocal:
            found = crossing(family, W, lower, k, 0.0)
            if found is not None and abs(found[1]) < 1:
                model, gap = opened(family, W, lower, *found, size)
                return NarrowGapModel(model, start.operators["s"].matrix, gap, mu=gap.energy + 1.5)


def gap_beside_a_crossing(k0: float, place: float, size: float = 1.5e-6) -> TightBinding:
    """Two bands that cross at kx = place - k0 and have a gap of that size (eV) at place + k0, ky = 0; 2 k0 apart.

    h_x = 2 cos(kx - place) - 2 cos k0 - 0.6 (1 - cos ky), h_y = sin(ky)/2, h_z = size (1 + sin(kx - place)/sin k0)/4.
    """
    h = {(0, 0): (-2 * np.cos(k0) - 0.6) * X + size / 4 * Z}
    for sign in (1, -1):
        h[sign, 0] = (X + size / 4 / np.sin(k0) * sign / 2j * Z) * np.exp(-1j * sign * place)
        h[0, sign] = 0.3 * X + sign / 4j * Y
    return TightBinding(np.eye(2), list(h), np.array(list(h.values())), np.zeros((2, 2)), {"s": TILTED})


def crossing_with_narrow_gap(rng: np.random.Generator, size: float | None = None) -> NarrowGapModel:
    """`gap_beside_a_crossing` with random places, 0.10 to 0.15 angstrom^-1 apart.

    `size` (eV): 2e-6 to 1e-2 unless given. mu lies above the gap; 6000 K are resolved by grids that step over it.
    """
    k0, place = rng.uniform(0.05, 0.075), rng.uniform(0, 2 * np.pi)
    size = log_uniform(rng, 2e-6, 1e-2) if size is None else size
    gap = NarrowGap(size, np.array([place + k0, 0]), 0, 0.0)
    return NarrowGapModel(gap_beside_a_crossing(k0, place, size), TILTED, gap, mu=1.0, temperature=6000.0)


def gap_at_gamma(size: float) -> TightBinding:
    """Two bands whose gap, of that size (eV), lies on every grid.

    h_x = 1 - cos(kx)/2 - cos(ky)/2 + sin(ky)/2, h_y = sin(kx)/2, h_z = size/2.
    """
    h = {(0, 0): size / 2 * Z + X}
    for sign in (1, -1):
        h[sign, 0], h[0, sign] = sign / 4j * Y - X / 4, sign / 4j * X - X / 4
    return TightBinding(np.eye(2), list(h), np.array(list(h.values())), np.zeros((2, 2)), {"s": TILTED})


def beside_each_other(first: TightBinding, second: TightBinding, higher: float) -> TightBinding:
    """Both models in one, the second one's levels `higher` (eV)."""
    cells = sorted({tuple(R) for model in (first, second) for R in np.asarray(model.R).tolist()})
    sizes = (first.num_bands, second.num_bands)
    hoppings = np.zeros((len(cells), sum(sizes), sum(sizes)), complex)
    operator = np.zeros(hoppings.shape[1:], complex)
    for model, part, energy in ((first, slice(sizes[0]), 0.0), (second, slice(sizes[0], None), higher)):
        for R, hopping in zip(np.asarray(model.R).tolist(), model.hoppings, strict=True):
            hoppings[cells.index(tuple(R)), part, part] += hopping
        hoppings[cells.index((0, 0)), part, part] += energy * np.eye(model.num_bands)
        operator[part, part] = next(iter(model.operators.values())).matrix
    return TightBinding(np.eye(2), cells, hoppings, np.zeros((sum(sizes), 2)), {"s": operator})


def cone(place: np.ndarray, size: float, energy: float = 0.0) -> Hamiltonian:
    """Two levels with one gap, of that size (eV), at `place`; their mean is `energy`."""

    def h(k: np.ndarray) -> np.ndarray:
        x, y = (k - place).T[..., None, None]
        mass = size / 2 + 0.4 * (2 - np.cos(x) - np.cos(y)) ** 2
        return np.sin(x) * X + np.sin(y) * Y + mass * Z + energy * np.eye(2)

    return h


def touching(size: float) -> Hamiltonian:
    """Two levels that touch with equal slopes at k = 0 but for a gap of that size (eV), as in bilayers of graphene."""

    def h(k: np.ndarray) -> np.ndarray:
        x, y = k.T[..., None, None]
        mass = size / 2 + 0.1 * ((1 - np.cos(x)) * (1 - np.cos(y))) ** 2
        return (np.cos(y) - np.cos(x)) * X + np.sin(x) * np.sin(y) * Y + mass * Z

    return h


def flat(energy: float) -> Hamiltonian:
    """Two flat levels, at plus and minus `energy`."""
    return lambda k: np.broadcast_to(energy * Z, (len(k), 2, 2))


def uncoupled(first: Hamiltonian, second: Hamiltonian) -> Hamiltonian:
    """Four levels, of which two do not know of the others."""

    def h(k: np.ndarray) -> np.ndarray:
        both = np.zeros((len(k), 4, 4), complex)
        both[:, :2, :2], both[:, 2:, 2:] = first(k), second(k)
        return both

    return h
