"""Checks of the numbers, arrays, names and models that a user hands over. Every failure is an `InputError`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, NoReturn

import numpy as np

from cc_kernels.errors import InputError, stated

HERMITIAN_TOLERANCE = 1e-10  # relative to the largest element; far above rounding, far below any physical term


def array(key: str, value: Any, dtype: type, shape: tuple[int | None, ...], meaning: str) -> np.ndarray:
    """Return `value` as a new contiguous finite array of `dtype` whose shape matches `shape` (None: any length N)."""
    wanted = f"{meaning}, shape {_shape_text(shape)}, finite numbers"
    try:
        result = np.array(value)
    except (TypeError, ValueError):
        raise InputError(key, value, wanted) from None
    if result.dtype.kind not in ("iufc" if dtype is np.complex128 else "iuf"):
        raise InputError(key, stated(f"an array of {result.dtype}"), wanted)
    if result.ndim != len(shape) or any(n is not None and n != m for n, m in zip(shape, result.shape, strict=True)):
        raise InputError(key, stated(f"an array of shape {result.shape}"), wanted)
    if not np.isfinite(result).all():
        raise InputError(key, stated("an array that holds NaN or infinity"), wanted)
    converted: np.ndarray = result.astype(dtype, order="C", copy=False)
    if dtype is np.int64 and not np.array_equal(converted, result):
        raise InputError(key, value, f"{meaning}, whole numbers")
    return converted


def shape_of(key: str, value: Any, allowed: str) -> tuple[int, ...]:
    """Return the shape of a number, an array or nested lists that are not ragged."""
    try:
        return np.shape(value)
    except ValueError:
        raise InputError(key, value, allowed) from None


def numbers(key: str, value: Any, allowed: str, *, above: float | None = None) -> np.ndarray:
    """Return `value`, a finite real number or a list of them, at least one, as a 1D array; all larger than `above`."""
    try:
        result = array(key, np.atleast_1d(value), np.float64, (None,), allowed)
    except ValueError:  # an InputError is one, too; the message names the whole value
        raise InputError(key, value, allowed) from None
    if not result.size or (above is not None and result.min() <= above):
        raise InputError(key, value, allowed)
    return result


def number(key: str, value: Any, allowed: str = "a finite number", *, above: float | None = None) -> float:
    """Return `value` as a finite float, larger than `above` where that is given."""
    is_number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    try:
        result = float(value) if is_number else np.nan
    except OverflowError:  # a whole number of more than 308 digits
        result = np.nan
    if not np.isfinite(result) or (above is not None and result <= above):
        raise InputError(key, value, allowed)
    return result


def positive(key: str, value: object) -> float:
    """Return `value` as a finite float above zero."""
    return number(key, value, "a finite number above 0", above=0.0)


def energy(key: str, value: object) -> float:
    """Return `value`, an energy difference in eV, as a finite float of zero or more."""
    allowed = "a finite energy in eV, zero or more"
    result = number(key, value, allowed)
    if result < 0:
        raise InputError(key, value, allowed)
    return result


def integer(
    key: str,
    value: object,
    allowed: str = "a whole number",
    *,
    minimum: int | None = None,
    maximum: int | None = None,
) -> int:
    """Return `value` as an int from `minimum` to `maximum`; 2.0 counts as 2, for a sweep hands over floats."""
    result = number(key, value, allowed)
    too_small = minimum is not None and result < minimum
    if not result.is_integer() or too_small or (maximum is not None and result > maximum):
        raise InputError(key, value, allowed)
    return int(result)


def half_integer(key: str, value: object) -> float:
    """Return `value`, a spin, as a float that is a multiple of 1/2 above zero."""
    allowed = "a spin: 1/2, 1, 3/2, ..."
    result = number(key, value, allowed, above=0.0)
    if not (2 * result).is_integer():
        raise InputError(key, value, allowed)
    return result


def radians(key: str, value: object) -> float:
    """Return `value`, an angle in radians, as a float: one turn at most either way, so that degrees are noticed."""
    allowed = "an angle in radians, from -2 pi to 2 pi"
    result = number(key, value, allowed)
    if abs(result) > 2 * np.pi + 1e-3:  # 6.284 is a turn that somebody has rounded
        raise InputError(key, value, f"{allowed}; {result:g} degrees are {np.radians(result):.6g}")
    return result


def model(value: object) -> None:
    """Refuse what is no model; by what it can do, so that this module needs none of the models'."""
    if isinstance(value, type) or not hasattr(value, "hamiltonian_and_velocity"):
        raise InputError("model", value, "a model, as from build_model, load_model, from_function or TightBinding")


def hermitian(key: str, matrix: np.ndarray) -> np.ndarray:
    """Return the exactly Hermitian part of ``matrix[..., nb, nb]`` after checking that the rest is only rounding."""
    adjoint = np.swapaxes(matrix, -1, -2).conj()
    excess, scale = np.abs(matrix - adjoint).max(initial=0.0), np.abs(matrix).max(initial=0.0)
    if excess > HERMITIAN_TOLERANCE * scale:
        raise InputError(
            key,
            stated(f"a matrix with |M - M^dagger| up to {excess:.3g}"),
            f"a Hermitian matrix (to {HERMITIAN_TOLERANCE:g} of its largest element, here {scale:.3g})",
        )
    return (matrix + adjoint) / 2 + 0.0  # no negative zeros: a second pass, as on loading, changes no bit


def unknown_name(key: str, given: object, names: Iterable[str]) -> NoReturn:
    """Raise the `InputError` for a name that is none of `names`, with close matches first."""
    names = sorted(names)
    close = difflib.get_close_matches(str(given), names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(close)}? " if close else ""
    raise InputError(key, given, hint + ("one of " + ", ".join(names) if names else "nothing, there are none"))


def _shape_text(shape: tuple[int | None, ...]) -> str:
    return "(" + ", ".join("N" if n is None else str(n) for n in shape) + ("," if len(shape) == 1 else "") + ")"
