"""Checks of the numbers, arrays, names and models that a user hands over. Every failure is an `InputError`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, NoReturn

import numpy as np

from cc_kernels.errors import InputError, stated
from cc_kernels.limits import DEGENERACY, MAGNITUDE, range_text

HERMITIAN_TOLERANCE = 1e-10  # relative to the largest element; far above rounding, far below any physical term


def array(key: str, value: Any, dtype: type, shape: tuple[int | None, ...], meaning: str) -> np.ndarray:
    """Return `value` as a new contiguous finite array of `dtype` whose shape matches `shape` (None: any length N)."""
    wanted = f"{meaning}, shape {_shape_text(shape)}, finite numbers"
    _refuse_masked(key, value, wanted)
    try:
        result = np.array(value)
    except Exception:  # ragged lists, and what objects of others raise
        raise InputError(key, value, wanted) from None
    if result.dtype.kind not in ("iufc" if dtype is np.complex128 else "iuf"):
        raise InputError(key, stated(f"an array of {result.dtype}"), wanted)
    if result.ndim != len(shape) or any(n is not None and n != m for n, m in zip(shape, result.shape, strict=True)):
        raise InputError(key, stated(f"an array of shape {result.shape}"), wanted)
    if not (largest := _largest(result)) <= MAGNITUDE:
        what = f"{largest:.3g}" if np.isfinite(largest) else "NaN or infinity"
        raise InputError(key, stated(f"an array that holds {what}"), f"{wanted}{range_text(None, MAGNITUDE)}")
    converted: np.ndarray = result.astype(dtype, order="C", copy=False)
    if dtype is np.int64 and not np.array_equal(converted, result):
        raise InputError(key, value, f"{meaning}, whole numbers")
    return converted


def shape_of(key: str, value: Any, allowed: str) -> tuple[int, ...]:
    """Return the shape of a number, an array or nested lists that are not ragged."""
    try:
        return np.shape(value)
    except Exception:  # ragged lists, and what objects of others raise
        raise InputError(key, value, allowed) from None


def numbers(
    key: str, value: Any, allowed: str, *, minimum: float = -MAGNITUDE, maximum: float = MAGNITUDE
) -> np.ndarray:
    """Return `value`, a finite real number or a list of them, at least one, as a 1D array; all within the bounds."""
    allowed += "" if maximum == MAGNITUDE else range_text(minimum, maximum)
    _refuse_masked(key, value, allowed)
    try:
        result = array(key, np.atleast_1d(value), np.float64, (None,), allowed)
    except Exception:  # an InputError is one, too; the message names the whole value
        raise InputError(key, value, allowed) from None
    if not result.size or result.min() < minimum or result.max() > maximum:
        raise InputError(key, value, allowed)
    return result


def number(
    key: str,
    value: Any,
    allowed: str = "a finite number",
    *,
    above: float | None = None,
    minimum: float | None = None,
    maximum: float = MAGNITUDE,
) -> float:
    """Return `value` as a finite float: larger than `above` where that is given, and within the bounds."""
    is_number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    try:
        result = float(value) if is_number else np.nan
    except OverflowError:  # a whole number of more than 308 digits
        result = np.inf
    if np.isnan(result) or (above is not None and result <= above):
        raise InputError(key, value, allowed)
    if not (-MAGNITUDE if minimum is None else minimum) <= result <= maximum:
        raise InputError(key, value, allowed + range_text(minimum, maximum))
    return result


def positive(key: str, value: object) -> float:
    """Return `value` as a finite float above zero."""
    return number(key, value, "a finite number above 0", above=0.0)


def energy(key: str, value: object) -> float:
    """Return `value`, an energy difference in eV, as a finite float of zero or more."""
    return number(key, value, "a finite energy in eV, zero or more", minimum=0.0)


def tolerance(key: str, value: object) -> float:
    """Return `value`, below which energy differences in eV count as none, as a finite float of zero or more."""
    return number(key, value, "a finite energy in eV, zero or more", minimum=0.0, maximum=DEGENERACY)


def integer(
    key: str,
    value: object,
    allowed: str = "a whole number",
    *,
    minimum: int | None = None,
    maximum: int = int(MAGNITUDE),
) -> int:
    """Return `value` as an int from `minimum` to `maximum`; 2.0 counts as 2, for a sweep hands over floats."""
    result = number(key, value, allowed, minimum=minimum, maximum=maximum)
    if not result.is_integer():
        raise InputError(key, value, allowed)
    return int(result)


def flag(key: str, value: object) -> bool:
    """Return `value` as a bool: what is neither true nor false would count as one of them."""
    if not isinstance(value, bool | np.bool_):
        raise InputError(key, value, "True or False")
    return bool(value)


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


def _largest(values: np.ndarray) -> float:
    """The largest |value|; NaN where one is."""
    if not values.size:
        return 0.0
    if values.dtype.kind == "c":
        return float(np.abs(values).max())
    return max(-float(values.min()), float(values.max()))  # as floats: the least whole number has no negative


def _refuse_masked(key: str, value: object, wanted: str) -> None:
    """numpy drops masks without a word, and what was hidden under one would count."""
    parts = value if isinstance(value, list | tuple) else [value]
    if any(isinstance(one, np.ma.MaskedArray) and np.ma.is_masked(one) for one in parts):
        raise InputError(key, stated("an array with masked elements"), wanted)


def _shape_text(shape: tuple[int | None, ...]) -> str:
    return "(" + ", ".join("N" if n is None else str(n) for n in shape) + ("," if len(shape) == 1 else "") + ")"
