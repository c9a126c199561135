"""A Rashba superconductor in a tilted Zeeman field, with Bogoliubov Fermi surfaces and no nodes."""

from __future__ import annotations

from cc_kernels.models.library import spin_orbit_superconductor
from cc_kernels.models.symmetry import Symmetry
from cc_kernels.models.tight_binding import TightBinding


def build(
    *,
    t: float = 1.0,
    mu: float = -2.5,
    alpha: float = 0.5,
    delta: float = 0.3,
    bx: float = 0.6,
    bz: float = 0.4,
) -> TightBinding:
    """A Rashba superconductor in a tilted Zeeman field: Bogoliubov Fermi surfaces, bands apart everywhere.

    h = -2t(cos kx + cos ky) - mu + alpha(sin ky s_x - sin kx s_y) + bx s_x + bz s_z with on-site singlet pairing
    delta i s_y, in the full Nambu basis (up, down, up hole, down hole), which counts every quasiparticle twice;
    energies in eV. bz opens the nodes on the mirror line, which no grid resolves; the third band is below zero on 3.4%
    of the zone. As spin_orbit_superconductor, but mu counts from the middle of the band; values are own choices.
    """
    bottom = -4 * t
    return spin_orbit_superconductor.build(t=t, alpha=alpha, mu=mu - bottom, pairing=delta, bx=bx, bz=bz)


def symmetries(model: TightBinding) -> list[Symmetry]:
    """As spin_orbit_superconductor, in this field."""
    return spin_orbit_superconductor.symmetries(model)
