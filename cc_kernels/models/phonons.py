"""Harmonic lattices: masses and force constants become a model of phonons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import numpy as np

from cc_kernels import checks
from cc_kernels.errors import InputError, stated
from cc_kernels.models.base import Operator
from cc_kernels.models.bosons import bosons, with_further
from cc_kernels.models.pauli import SY
from cc_kernels.models.stability import refuse_unstable
from cc_kernels.models.tight_binding import TightBinding, complete_cells, dimension_of, hermitian_blocks

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from cc_kernels.arguments import NamedOperators, Names


def phonons(
    lattice: ArrayLike,
    positions: ArrayLike,
    masses: ArrayLike,
    R: ArrayLike,
    force_constants: ArrayLike,
    *,
    lorentz: ArrayLike = 0.0,
    reference: float | None = None,
    operators: NamedOperators | None = None,
    **labels: Unpack[Names],
) -> TightBinding:
    """Return the phonons of H = sum p_i^2/2 m_i + (1/2) sum u_i.Phi_ij.u_j - sum h_i (u_i x p_i)_z.

    In mass-weighted coordinates u = (a + a^+)/(2 w)^(1/2) and p = -i (w/2)^(1/2) (a - a^+) with one reference frequency
    w, on which no result depends: a^+ A a + (a^+ B a^+ + h.c.)/2 with A = (w + D/w)/2 - h sigma_y and B = (D/w - w)/2,
    D_ij = Phi_ij/(m_i m_j)^(1/2) (docs/bosons.md). The momentum p is the canonical one: with a Lorentz term
    p = m du/dt + m h z x u (Zhang and Niu, Phys. Rev. Lett. 112, 085503 (2014)).

    Parameters
    ----------
    lattice : (dim, dim), rows are the primitive vectors, angstrom.
    positions : (N, dim) Cartesian positions of the sites, angstrom.
    masses : (N,), in hbar^2/(eV angstrom^2): an atomic mass unit is 239.2 of these. In any other units of masses and
        force constants, energies are in units of the root of their ratio.
    R : (nR, dim) whole numbers, the cells, each once, with -R for every R.
    force_constants : (nR, N, N, c, c), c = 1 to 3 components of the displacements, eV/angstrom^2:
        ``force_constants[r, i, j]`` = d^2 V/du_i(0) du_j(R_r), Phi_ji(-R) = Phi_ij(R)^T. From springs: `springs`.
        A rigid shift may cost energy, where sites are pinned.
    lorentz : (N,), or one number for all sites, h in eV.
    reference : w in eV; by default the root of the mean of the diagonal of D.
    operators : further ones, of other names, as in `bosons`, of modes in the order of sites, and of components on a
        site. With two or
        three components there is l_z = u x p = a^+ sigma_y a, the angular momentum along z, unit hbar.
    labels : name, description, parameters; degeneracy_tolerance as in `bosons`.

    Errors: `InputError` for wrong shapes, masses that are not above 0, force constants that are not symmetric, a
    Lorentz term without two components, and a lattice that is no minimum: H_k has an eigenvalue below 0 at some k of a
    coarse grid (Phi itself, or h^2 > Phi/m). Acoustic modes of no energy are allowed; grids have to miss them.

    Examples
    --------
    >>> import numpy as np
    >>> import cc_kernels as cc
    >>> R, constants = cc.springs([[1.0]], [[0.0]], [(0, 0, (1,), 0.25, 0.0)])
    >>> chain = cc.phonons([[1.0]], [[0.0]], [1.0], R, constants)
    >>> chain.levels([[np.pi]]).round(6).tolist()  # 2 (K/m)^(1/2) sin(k/2)
    [[-1.0, 1.0]]
    """
    dim = dimension_of(lattice)
    positions = checks.array("positions", positions, np.float64, (None, dim), "Cartesian positions of the sites")
    sites = len(positions)
    masses = checks.array("masses", masses, np.float64, (sites,), "one mass for each site")
    if not (masses > 0).all():
        raise InputError("masses", masses, "masses above 0")
    R, D = _dynamical(R, force_constants, masses, dim)
    modes, home = D.shape[-1], len(D) // 2
    components = modes // sites
    h = checks.numbers("lorentz", lorentz, _LORENTZ)
    if len(h) not in (1, sites) or (components == 1 and h.any()):
        raise InputError("lorentz", lorentz, _LORENTZ)
    w = _reference(reference, D[home])
    turn = np.zeros((components, components), dtype=complex)
    turn[:2, :2] = SY[:components, :components]
    normal, anomalous = D / (2 * w) + 0j, D / (2 * w)
    normal[home] += w / 2 * np.eye(modes) - np.kron(np.diag(np.broadcast_to(h, sites)), turn)
    anomalous[home] -= w / 2 * np.eye(modes)
    l_z = {} if components == 1 else {"l_z": Operator(np.kron(np.eye(sites), turn), "hbar", "u x p along z, sigma_y")}
    model = bosons(
        lattice,
        R,
        normal,
        anomalous,
        positions=np.repeat(positions, components, axis=0),
        operators=with_further(l_z, operators),
        **labels,
    )
    refuse_unstable(
        model, "force_constants", "a minimum of the energy, with h^2 below Phi/m where there is a Lorentz term"
    )
    return model


_LORENTZ = "an energy in eV, or one for each site; 0 for displacements of one component, which do not turn"


def _dynamical(R: ArrayLike, force_constants: ArrayLike, masses: np.ndarray, dim: int) -> tuple[np.ndarray, np.ndarray]:
    """All cells (nR, dim), -R for every R and 0 in the middle, and D (nR, N c, N c) of force constants."""
    sites, allowed = len(masses), "force constants of 1 to 3 components between all sites, one block per R"
    shape = checks.shape_of("force_constants", force_constants, allowed)
    if len(shape) != 5 or shape[3] not in (1, 2, 3):
        raise InputError("force_constants", stated(f"an array of shape {shape}"), f"{allowed}, shape (nR, N, N, c, c)")
    cells, c = shape[0], shape[3]
    Phi = checks.array("force_constants", force_constants, np.float64, (cells, sites, sites, c, c), allowed)
    R = checks.array("R", R, np.int64, (cells, dim), "one cell for each block of force constants")
    whole, source = complete_cells(R)
    blocks = Phi.swapaxes(2, 3).reshape(cells, sites * c, sites * c)
    roots = np.sqrt(np.repeat(masses, c))
    return whole, hermitian_blocks("force_constants", blocks, source, whole).real / (roots[:, None] * roots)


def _reference(given: float | None, home: np.ndarray) -> float:
    """The reference frequency, eV; `home` is D at R = 0."""
    if given is not None:
        return checks.positive("reference", given)
    square = float(np.diagonal(home).mean())
    if square <= 0:
        given = stated(f"{square:.3g} eV^2 as the mean diagonal element of D")
        raise InputError("force_constants", given, "force constants that pull sites back")
    return float(np.sqrt(square))
