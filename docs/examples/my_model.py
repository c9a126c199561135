"""Electrons on a square lattice with Rashba (alpha) and Dresselhaus (beta) spin-orbit coupling."""

import numpy as np

import cc_kernels as cc

SIGMA_X = np.array([[0, 1], [1, 0]])
SIGMA_Y = np.array([[0, -1j], [1j, 0]])
SIGMA_Z = np.array([[1, 0], [0, -1]])


def build(*, t: float = 1.0, alpha: float = 0.5, beta: float = 0.0):
    """Rashba and Dresselhaus electrons on the square lattice."""

    def h(k):  # one k in 1/angstrom; the matrix is in eV
        kx, ky = k
        band = 2 * t * (2 - np.cos(kx) - np.cos(ky)) * np.eye(2)
        rashba = alpha * (np.sin(ky) * SIGMA_X - np.sin(kx) * SIGMA_Y)
        dresselhaus = beta * (np.sin(kx) * SIGMA_X - np.sin(ky) * SIGMA_Y)
        return band + rashba + dresselhaus

    operators = {"spin_z": cc.Operator(SIGMA_Z / 2, "hbar", "spin along z")}
    return cc.from_function(h, dim=2, lattice=[[1, 0], [0, 1]], operators=operators, name="rashba_dresselhaus")
