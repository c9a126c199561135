"""Pauli matrices between Wannier functions: which function is the other spin of which, and whether that can be."""

from __future__ import annotations

import numpy as np

from cc_kernels import checks
from cc_kernels.errors import InputError, stated
from cc_kernels.models.pauli import PAULI

ALLOWED = (
    '"interlaced" (up, down, up, down, ...), "blocks" (all up, then all down), or a list of pairs (up, down) from 0'
)
APART = 0.3
"""angstrom: the centres of the two spins of a pair, which magnetism moves by hundredths, and no orbital more than that;
neighbouring sites are several times as far apart."""
BETTER, LIKE_NONE = 4.0, 0.1
"""Another order is the right one where it makes the spin-dependent part of H this many times smaller (of its square),
and smaller than this part of the whole: H depends on spin little, but in the wrong order as much as on the orbital."""


def pairs_of(spin_order: object, num_wann: int) -> np.ndarray:
    """(nb/2, 2) the functions of spin up and of spin down.

    Errors: `InputError` for no order, an odd number of functions, and pairs that are not all functions, each once.
    """
    if num_wann % 2:
        given = stated(f"{spin_order!r} for {num_wann} Wannier functions")
        raise InputError("spin_order", given, "an even number of them: of each orbital two spins")
    half = num_wann // 2
    if isinstance(spin_order, str):
        named = {"interlaced": np.arange(num_wann).reshape(half, 2), "blocks": np.arange(num_wann).reshape(2, half).T}
        if spin_order not in named:
            raise InputError("spin_order", spin_order, ALLOWED)
        return named[spin_order]
    if spin_order is None:
        raise InputError("spin_order", stated("nothing"), ALLOWED)
    pairs = checks.array("spin_order", spin_order, np.int64, (half, 2), ALLOWED)
    if not np.array_equal(np.sort(pairs.reshape(-1)), np.arange(num_wann)):
        raise InputError("spin_order", spin_order, f"every function from 0 to {num_wann - 1} in one pair")
    return pairs


def pauli_matrices(pairs: np.ndarray) -> np.ndarray:
    """(3, nb, nb)."""
    result = np.zeros((3, pairs.size, pairs.size), dtype=complex)
    for matrix, sigma in zip(result, PAULI, strict=True):
        for row, column in np.ndindex(2, 2):
            matrix[pairs[:, row], pairs[:, column]] = sigma[row, column]
    return result


def on_mean_centres(pairs: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, float]:
    """Centres (nb, 3) with both spins of a pair at their middle, and by how much the farthest moved, angstrom.

    Errors: `InputError` where two are no pair, since they are far apart.
    """
    apart = np.linalg.norm(centres[pairs[:, 0]] - centres[pairs[:, 1]], axis=1)
    if (apart > APART).any():
        up, down = pairs[apart.argmax()].tolist()
        given = f"functions {up} and {down} as the two spins of one orbital, {apart.max():.3g} angstrom apart"
        raise InputError(
            "spin_order", stated(given), f"{ALLOWED}, with both spins at one place (within {APART} angstrom)"
        )
    result = centres.copy()
    result[pairs] = centres[pairs].mean(axis=1, keepdims=True)
    return result, float(apart.max()) / 2


def refuse_another_order(pairs: np.ndarray, hoppings: np.ndarray, home: int) -> None:
    """Refuse an order in which H depends on spin much more than it does in another: where centres do not tell.

    Looked at are the named orders, and each pair the other way round.

    Parameters
    ----------
    hoppings : (nR, nb, nb).  home : where R = 0 is.
    """
    blocks = _without_mean(hoppings, home)
    whole = float((abs(blocks) ** 2).sum())
    own, turned = _spin_independent(pairs, blocks)
    rest = whole - own.sum()
    others = {f'"{name}"': pairs_of(name, pairs.size) for name in ("interlaced", "blocks")}
    found = {name: whole - _spin_independent(other, blocks)[0].sum() for name, other in others.items()}
    gain = turned - own
    np.fill_diagonal(gain, 0)
    for (up, down), more in zip(pairs.tolist(), gain.sum(axis=0) + gain.sum(axis=1), strict=True):
        found[f"({down}, {up}) for ({up}, {down})"] = rest - more
    name = min(found, key=lambda one: found[one])
    if BETTER * found[name] < rest and found[name] < LIKE_NONE * whole:
        share = f"{rest / whole:.1%} of |H|^2 depends on spin, where with {name} it is {found[name] / whole:.1%}"
        given = f"an order in which {share}"
        raise InputError("spin_order", stated(given), f"{ALLOWED}: that in which H was computed")


def spin_dependence(pairs: np.ndarray, hoppings: np.ndarray, home: int) -> float:
    """The part of |H|^2 that depends on spin, were these the pairs; arguments as in `refuse_another_order`."""
    blocks = _without_mean(hoppings, home)
    whole = float((abs(blocks) ** 2).sum())
    return float(1 - _spin_independent(pairs, blocks)[0].sum() / whole) if whole else 0.0


def _without_mean(hoppings: np.ndarray, home: int) -> np.ndarray:
    """Without the mean level, which says nothing."""
    blocks = hoppings.copy()
    size = hoppings.shape[-1]
    blocks[home] -= np.eye(size) * np.trace(blocks[home]) / size
    return blocks


def _spin_independent(pairs: np.ndarray, blocks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(nb/2, nb/2) |tr_spin H/2|^2 x 2 between pairs, as they are, and with one of the two turned round."""
    up, down = pairs.T
    same = blocks[:, up[:, None], up] + blocks[:, down[:, None], down]
    turned = blocks[:, up[:, None], down] + blocks[:, down[:, None], up]
    return (abs(same) ** 2).sum(axis=0) / 2, (abs(turned) ** 2).sum(axis=0) / 2
