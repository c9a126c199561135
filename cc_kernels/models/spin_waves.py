"""Linear spin-wave theory: a magnet with bilinear couplings becomes a model of magnons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

import numpy as np

from cc_kernels import checks
from cc_kernels.errors import InputError, stated
from cc_kernels.models.base import Operator
from cc_kernels.models.bonds import PairSum, checked_bonds
from cc_kernels.models.bosons import bosons, with_further
from cc_kernels.models.magnet import Magnet, transverse_axes, unit_vectors
from cc_kernels.models.stability import refuse_unstable
from cc_kernels.models.tight_binding import TightBinding, dimension_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from cc_kernels.arguments import NamedOperators, Names

    Bond = tuple[int, int, Sequence[int], ArrayLike]

_BOND = "(i, j, R, J): sites, the cell of j, and the exchange in eV, a number or a tensor (3, 3)"


def spin_waves(
    lattice: ArrayLike,
    sites: ArrayLike,
    moments: ArrayLike,
    bonds: Sequence[Bond],
    *,
    fields: ArrayLike | None = None,
    anisotropy: ArrayLike | None = None,
    relax: bool = False,
    operators: NamedOperators | None = None,
    **labels: Unpack[Names],
) -> TightBinding:
    """Return the magnons of H = sum over bonds of S_i.J.S_j + sum over sites of (S_i.A_i.S_i + h_i.S_i), to order b^2.

    Spins S_i = n_i (S_i - b^+b) + (S_i/2)^(1/2) (u^* b + u b^+) with u = e1 + i e2 and e1, e2, n_i right-handed
    (Holstein and Primakoff, Phys. Rev. 58, 1098 (1940); docs/bosons.md). The lattice has one to three dimensions,
    spins always three. An anisotropy -K S_z^2 gives 2 K S b^+b along z, as in classical equations of motion.

    Parameters
    ----------
    lattice : (dim, dim), rows are the primitive vectors of the magnetic cell, angstrom.
    sites : (N, dim) Cartesian positions, angstrom.
    moments : (N, 3), S_i n_i: along the ordered moments, as long as the spins, units of hbar.
    bonds : [(i, j, R, J), ...], from site i in cell 0 to site j in cell R (dim whole numbers), each bond once; J in eV,
        a number (J S_i.S_j) or a tensor (3, 3), such as that of `exchange`.
    fields : (N, 3), or (3,) for all sites alike, h in eV. Default none.
    anisotropy : (N, 3, 3), or (3, 3), symmetric, A in eV. Default none.
    relax : turn the moments to the nearest minimum of the classical energy of the cell first. The directions found are
        minus the diagonals of the operators.
    operators : further ones, as in `bosons`; spin_x, spin_y, spin_z = -diag(n_i) come with the model, unit hbar.
    labels : name, description, parameters; degeneracy_tolerance as in `bosons`.

    Errors: `InputError` for wrong shapes, a complex exchange, a bond given twice or from both ends, a moment of no
    length, moments that are no equilibrium, and a state that is no minimum: H_k has an eigenvalue below 0 at some k of
    a coarse grid. A Goldstone mode's zero is allowed; grids have to miss it.

    Examples
    --------
    >>> import numpy as np
    >>> import cc_kernels as cc
    >>> chain = cc.spin_waves([[1.0]], [[0.0]], [[0, 0, 1.5]], [(0, 0, (1,), -0.002)], fields=[0, 0, -0.001])
    >>> chain.levels([[np.pi]]).round(6).tolist()  # h + 2 J S (1 - cos k)
    [[-0.013, 0.013]]
    """
    dim = dimension_of(lattice)
    sites = checks.array("sites", sites, np.float64, (None, dim), "Cartesian positions of the magnetic sites")
    number = len(sites)
    moments = checks.array("moments", moments, np.float64, (number, 3), "S_i n_i, one vector per site")
    if not number or not (moments != 0).any(axis=1).all():
        given = f"a moment of length 0 at site {int((moments == 0).all(axis=1).argmax())}" if number else "no sites"
        raise InputError("moments", stated(given), "S_i n_i of a length above 0, one vector per site")
    magnet = Magnet(
        *_exchange(bonds, _of_sites("anisotropy", anisotropy, number, (3, 3)), dim),
        _of_sites("fields", fields, number, (3,)),
        np.linalg.norm(moments, axis=1),
    )
    directions = unit_vectors(moments)
    if checks.flag("relax", relax):
        directions = magnet.relaxed(directions)
    magnet.check_equilibrium(directions)
    normal, anomalous = _second_order(magnet, directions)
    model = bosons(
        lattice,
        magnet.R,
        normal,
        anomalous,
        positions=sites,
        operators=with_further(_spins(directions), operators),
        **labels,
    )
    instead = "tilt them, for they relaxed to a saddle, or give" if relax else "relax=True, or"
    refuse_unstable(model, "moments", f"a minimum of the energy; {instead} another order (a larger cell)")
    return model


def _second_order(magnet: Magnet, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A and B (nR, N, N) of b^+ A b + (b^+ B b^+ + h.c.)/2."""
    u, roots = transverse_axes(n), np.sqrt(magnet.lengths)
    normal, anomalous = (
        np.einsum("i,ia,rijab,jb,j->rij", roots, u, magnet.exchange, v, roots, optimize=True) / 2 for v in (u.conj(), u)
    )
    home = (magnet.R == 0).all(axis=1)
    normal[home] -= np.diag((magnet.forces(n) * n).sum(1))
    return normal, anomalous


def _spins(directions: np.ndarray) -> dict[str, Operator]:
    """spin_x, spin_y, spin_z of b^+b: what a magnon takes from the moments."""
    return {
        f"spin_{axis}": Operator(
            np.diag(-component).astype(complex), "hbar", f"spin along {axis}, -n_{axis} of each magnon"
        )
        for axis, component in zip("xyz", directions.T, strict=True)
    }


def _of_sites(key: str, value: object, number: int, one: tuple[int, ...]) -> np.ndarray:
    """Vectors (3,) or symmetric tensors (3, 3) of all sites, given for each, or one for all alike; None for zeros."""
    what = f"{'vectors' if one == (3,) else 'symmetric tensors'} in eV, one for each site or one for all"
    if value is None or checks.shape_of(key, value, what) == one:
        value = np.broadcast_to(np.zeros(one) if value is None else np.asarray(value), (number, *one))
    result = checks.array(key, value, np.float64, (number, *one), what)
    return result if one == (3,) else checks.hermitian(key, result)


def _exchange(bonds: object, anisotropy: np.ndarray, dim: int) -> tuple[np.ndarray, np.ndarray]:
    """Cells (nR, dim) and tensors (nR, N, N, 3, 3) of a `Magnet`."""
    total = PairSum(len(anisotropy), dim, 3)
    for site, A in enumerate(anisotropy):
        total.add_on(site, 2 * A)
    for key, ends, (J,) in checked_bonds(bonds, len(anisotropy), dim, _BOND):
        if checks.shape_of(f"{key}, J", J, "a number or a tensor (3, 3)") == ():
            J = checks.number(f"{key}, J", J, "a finite energy in eV, or a tensor (3, 3)") * np.eye(3)
        total.add(ends, checks.array(f"{key}, J", J, np.float64, (3, 3), "a real exchange tensor in eV"))
    return total.arrays()
