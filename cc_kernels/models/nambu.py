"""Superconductors: lower a normal-state model and its pairing to one tight-binding model in the Nambu basis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Unpack

import numpy as np

from cc_kernels import checks
from cc_kernels.errors import InputError, stated
from cc_kernels.models.tight_binding import TightBinding

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from cc_kernels.arguments import NamedOperators, Names

    Pairing = Mapping[tuple[int, ...], ArrayLike]


def nambu(
    normal: TightBinding,
    pairing: Pairing,
    mu: float,
    *,
    operators: NamedOperators | None = None,
    particle_hole_copies: int = 1,
    **labels: Unpack[Names],
) -> TightBinding:
    """Return H = [[h(k) - mu, Delta(k)], [Delta(k)^dagger, -h(-k)^* + mu]] as a `TightBinding` (Eqs. 7-9).

    Parameters
    ----------
    normal : the normal state h, nb orbitals (of one spin where the pairing is singlet).
    pairing : {R: (nb, nb) complex}, <electron i,0|H|hole j,R> in eV,
        so that Delta_ij(k) = sum_R exp(i k.(R + tau_j - tau_i)) Delta_R,ij. A single number stands for a 1x1 matrix.
    mu : chemical potential in eV; it is inside H, and f and g take mu = 0.
    operators : (2 nb, 2 nb) matrices; the first nb states are electrons, the last nb holes at the same positions.
    particle_hole_copies : 1 for (c_up, c_down^dagger); 2 for spinless or full doubling, where Delta_{-R} = -Delta_R^T.

    labels : name, description, parameters; degeneracy_tolerance, by default that of the normal state.

    Errors: `InputError` for a pairing of the wrong shape, or one that breaks Fermi statistics with two copies, and for
    a normal state that is no `TightBinding`, or that has position matrices.

    Examples
    --------
    >>> import numpy as np
    >>> import cc_kernels as cc
    >>> chain = cc.Hoppings([[1.0]], num_bands=1)
    >>> chain.hop(0, 0, (1,), -1.0)
    >>> model = cc.nambu(chain.build(), {(0,): 0.3}, mu=0.0, operators={"charge": np.diag([1, -1])})
    >>> model.levels([[np.pi / 2]]).round(12).tolist()
    [[-0.3, 0.3]]
    """
    _check_normal(normal)
    labels.setdefault("degeneracy_tolerance", normal.degeneracy_tolerance)
    nb, dim = normal.num_bands, normal.dim
    mu = checks.number("mu", mu, "a finite energy in eV")
    delta = _checked_pairing(pairing, dim, nb)
    particle_hole_copies = checks.integer("particle_hole_copies", particle_hole_copies, "1 or 2", minimum=1, maximum=2)
    if particle_hole_copies == 2:
        _refuse_even_pairing(delta)
    cells = {tuple(cell): row for row, cell in enumerate(normal.R.tolist())}
    for R in delta:
        cells.setdefault(R, len(cells))
        cells.setdefault(_minus(R), len(cells))
    hoppings = np.zeros((len(cells), 2 * nb, 2 * nb), dtype=complex)
    hoppings[: len(normal.R), :nb, :nb] = normal.hoppings
    hoppings[: len(normal.R), nb:, nb:] = -normal.hoppings.conj()  # -h(-k)^*
    home = hoppings[cells[(0,) * dim]]
    home -= mu * np.kron(np.diag([1, -1]), np.eye(nb))
    for R, block in delta.items():
        hoppings[cells[R], :nb, nb:] += block
        hoppings[cells[_minus(R)], nb:, :nb] += block.conj().T
    return TightBinding(
        normal.lattice,
        np.array(list(cells)),
        hoppings,
        np.concatenate([normal.positions, normal.positions]),
        operators,
        particle_hole_copies=particle_hole_copies,
        is_superconductor=True,
        **labels,
    )


def _check_normal(normal: object) -> None:
    allowed = "a TightBinding model of normal electrons, without position matrices"
    if not isinstance(normal, TightBinding):
        raise InputError("normal", normal, allowed)
    if not normal.has_mu or normal.position_matrices is not None:
        what = normal.quasiparticles or "a model with position matrices"
        raise InputError("normal", stated(f"{normal.name}, {what}"), allowed)


def _checked_pairing(pairing: Pairing, dim: int, nb: int) -> dict[tuple[int, ...], np.ndarray]:
    if not isinstance(pairing, Mapping):
        raise InputError("pairing", pairing, "a dict of cells and matrices, {R: Delta_R}")
    delta = {}
    for R, value in pairing.items():
        cell = tuple(int(n) for n in checks.array("pairing cell R", R, np.int64, (dim,), "a cell").tolist())
        key = f"pairing at R = {cell}"
        block = value if checks.shape_of(key, value, "a pairing matrix") else np.full((1, 1), value)
        delta[cell] = checks.array(key, block, np.complex128, (nb, nb), "a pairing matrix")
    return delta


def _refuse_even_pairing(delta: dict[tuple[int, ...], np.ndarray]) -> None:
    scale = max((np.abs(block).max() for block in delta.values()), default=0.0)
    for R, block in delta.items():
        partner = delta.get(_minus(R), np.zeros_like(block))
        if np.abs(block + partner.T).max() > checks.HERMITIAN_TOLERANCE * scale:
            raise InputError(
                "pairing",
                stated(f"a pairing at R = {R} that is not minus the transpose of the one at -R"),
                "Delta_{-R} = -Delta_R^T (Fermi statistics) where particle_hole_copies is 2",
            )


def _minus(R: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(-n for n in R)
