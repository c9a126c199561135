"""Motion of classical spins and masses in a supercell, linearized by finite differences: no k, no bosons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np


def cells_of(shape: Sequence[int]) -> list[tuple[int, ...]]:
    return list(product(*map(range, shape)))


def supercell_kpoints(model, shape: Sequence[int]) -> np.ndarray:
    """The k of which a supercell knows."""
    return np.array(cells_of(shape)) / np.array(shape) @ model.reciprocal


def pairs_in(shape: Sequence[int], sites: int, bonds: Sequence[tuple]) -> list[tuple]:
    """(number of i, number of j, the rest) of each bond in every cell."""
    cells = cells_of(shape)
    number = {cell: place for place, cell in enumerate(cells)}
    found = []
    for cell, (i, j, R, *rest) in product(cells, bonds):
        end = tuple((n + m) % size for n, m, size in zip(cell, R, shape, strict=True))
        found.append((number[cell] * sites + i, number[end] * sites + j, *rest))
    return found


def jacobian(motion: Callable[[np.ndarray], np.ndarray], x: np.ndarray, step: float) -> np.ndarray:
    """d(dx/dt)/dx by central differences, exact but for rounding where motion is at most of second order in x."""
    columns = [(motion(x + step * e) - motion(x - step * e)) / (2 * step) for e in np.eye(len(x))]
    return np.array(columns).T


def frequencies(matrix: np.ndarray, modes: int) -> np.ndarray:
    """The largest `modes` imaginary parts of eigenvalues, sorted."""
    return np.sort(np.sort(np.linalg.eigvals(matrix).imag)[-modes:])


def spin_frequencies(
    shape: Sequence[int], moments: np.ndarray, bonds: Sequence[tuple], fields: np.ndarray, anisotropy: np.ndarray
) -> np.ndarray:
    """Of dS_i/dt = dE/dS_i x S_i around S_i = moments (N, 3): what i[H, S_i] is with h S_z, -h S_y for S_x."""
    sites = len(moments)
    pairs = pairs_in(shape, sites, bonds)
    cells = len(cells_of(shape))

    def motion(x: np.ndarray) -> np.ndarray:
        S = x.reshape(-1, 3)
        force = np.tile(fields, (cells, 1)) + 2 * np.einsum("iab,ib->ia", np.tile(anisotropy, (cells, 1, 1)), S)
        for i, j, J in pairs:
            force[i] += J @ S[j]
            force[j] += S[i] @ J
        return np.cross(force, S).ravel()

    start = np.tile(moments, (cells, 1)).ravel()
    return frequencies(jacobian(motion, start, 1e-3), cells * sites)


def lattice_frequencies(
    shape: Sequence[int], masses: np.ndarray, R: np.ndarray, constants: np.ndarray, lorentz: np.ndarray
) -> np.ndarray:
    """Of m u'' = -Phi u + 2 m h (u_y', -u_x') + m h^2 (u_x, u_y), Newton's equation with the forces of -h l_z."""
    sites, components = constants.shape[1], constants.shape[3]
    bonds = [(i, j, cell, constants[r, i, j]) for r, cell in enumerate(R) for i in range(sites) for j in range(sites)]
    pairs = pairs_in(shape, sites, bonds)
    cells = len(cells_of(shape))
    m, h = np.tile(masses, cells)[:, None], np.tile(lorentz, cells)[:, None]
    turn = np.zeros((components, components))
    if components > 1:
        turn[0, 1], turn[1, 0] = 1, -1

    def motion(x: np.ndarray) -> np.ndarray:
        u, velocity = x.reshape(2, -1, components)
        force = 2 * h * m * (velocity @ turn.T) - m * h**2 * (u @ turn.T @ turn.T)
        for i, j, Phi in pairs:
            force[i] -= Phi @ u[j]
        return np.concatenate([velocity.ravel(), (force / m).ravel()])

    size = cells * sites * components
    return frequencies(jacobian(motion, np.zeros(2 * size), 1e-3), size)
