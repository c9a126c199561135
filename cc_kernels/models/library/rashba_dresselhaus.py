"""Electrons with Rashba and linear Dresselhaus spin-orbit coupling on the square lattice."""

from __future__ import annotations

from typing import Annotated

from cc_kernels import checks
from cc_kernels.models.operators import charge, spins
from cc_kernels.models.pauli import IDENTITY, SX, SY
from cc_kernels.models.symmetry import Symmetry, magnetic, operation, spin_vector, time_reversal
from cc_kernels.models.tight_binding import Hoppings, TightBinding


def build(
    *, t: float = 1.0, alpha: float = 0.5, beta: float = 0.2, spin: Annotated[float, "hbar"] = 0.5
) -> TightBinding:
    """Rashba and Dresselhaus electrons on the square lattice; the spin-orbit field winds by +1 or -1.

    H = 2t(2 - cos kx - cos ky) + alpha(sin ky s_x - sin kx s_y) + beta(sin kx s_x - sin ky s_y), lattice constant
    1 angstrom, basis (up, down), energies in eV; illustrative values. The winding around Gamma is +1 for |beta| <
    |alpha|, -1 for |beta| > |alpha|; at alpha = beta the spin s_x - s_y is conserved, at alpha = -beta s_x + s_y.
    Sources: Schliemann, Rev. Mod. Phys. 89, 011001 (2017), arXiv:1604.02026; Bernevig, Orenstein, and Zhang, Phys.
    Rev. Lett. 97, 236601 (2006).
    """
    spin = checks.half_integer("spin", spin)
    square = Hoppings(lattice=[[1, 0], [0, 1]], num_bands=2)
    both = slice(2)
    square.onsite(both, 4 * t)
    square.hop(both, both, (1, 0), -t * IDENTITY - 0.5j * (beta * SX - alpha * SY))
    square.hop(both, both, (0, 1), -t * IDENTITY - 0.5j * (alpha * SX - beta * SY))
    return square.build(operators={**spins(spin), **charge(2)})


def symmetries(model: TightBinding) -> list[Symmetry]:
    """C4v of alpha, D2d of beta (axes along x and y), C2v of both; and time reversal."""
    p = model.parameters
    J = spin_vector(model, p["spin"])
    both = [operation(name, J) for name in ("C2", "Mxy")]
    rashba = [operation(name, J).broken(p["beta"]) for name in ("C4", "Mx", "My")]
    dresselhaus = [operation(name, J).broken(p["alpha"]) for name in ("S4", "C2x", "C2y")]
    neither = [operation(name, J).broken(p["alpha"]).broken(p["beta"]) for name in ("P", "Mz")]
    return magnetic([*both, *rashba, *dresselhaus, *neither], time_reversal(J))
