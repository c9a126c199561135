"""The operators that the named models carry."""

from __future__ import annotations

import numpy as np

from cc_kernels.models.base import Model, Operator
from cc_kernels.models.pauli import SX, SY, SZ


def charge(num_bands: int) -> dict[str, Operator]:
    """Return the charge of a normal-state model, the unit matrix."""
    return {"charge": Operator(np.eye(num_bands, dtype=complex), "e", "charge, the unit matrix")}


def spins(spin: float, sites: int = 1) -> dict[str, Operator]:
    """Return spin_x, spin_y, spin_z = `spin` times the Pauli matrices on every site, basis order site by site."""
    return {
        f"spin_{axis}": Operator(
            spin * np.kron(np.eye(sites), matrix), "hbar", f"{spin:g} times the Pauli matrix s_{axis}"
        )
        for axis, matrix in zip("xyz", (SX, SY, SZ), strict=True)
    }


def nambu_charge(num_orbitals: int) -> dict[str, Operator]:
    """Return the charge of a superconductor, tau_z: +1 on the electrons, -1 on the holes."""
    return {"charge": Operator(np.kron(SZ, np.eye(num_orbitals)), "e", "charge, tau_z")}


def nambu_spin(num_orbitals: int) -> dict[str, Operator]:
    """Return the conserved spin along z in the Nambu basis (c_up, c_down^dagger): 1/2 for both."""
    return {"spin": Operator(np.eye(2 * num_orbitals, dtype=complex) / 2, "hbar", "conserved spin, 1/2")}


def has_conserved_spin(model: Model) -> bool:
    """Is the operator `spin` of a superconductor half the unit matrix, as the spin Hall conductance takes it to be?"""
    if "spin" not in model.operators:
        return False
    return np.abs(model.operators["spin"].matrix - np.eye(model.num_bands) / 2).max() < 1e-12


def nambu_spins(spin: float, sites: int = 1) -> dict[str, Operator]:
    """Return the spins of a superconductor in the full Nambu basis: s on the electrons, -s^* on the holes."""
    table = {}
    for name, operator in spins(spin, sites).items():
        s = operator.matrix
        matrix = np.kron(np.diag([1, 0]), s) + np.kron(np.diag([0, 1]), -s.conj())
        table[name] = Operator(matrix, "hbar", operator.description + ", -s^* on the holes")
    return table
