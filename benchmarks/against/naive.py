"""What a careful user writes in an hour: batched numpy, one thread, a binned scan of mu at T = 0."""

from __future__ import annotations

import numpy as np

from benchmarks.against.case import Case


def hall_and_magnetization(case: Case, grid: int, mu: np.ndarray, chunk: int) -> tuple[np.ndarray, np.ndarray]:
    """sigma_xy = int f Omega^{yxs}, anomalous (charge) or spin Hall, and the orbital magnetization of charge, by mu.

    The phases of the orbital positions are a diagonal rotation, with which the operators commute, so they are left
    out; the positions are in the velocities. mu ascends; states are counted in the bins between.
    """
    nb, cells = case.bands, case.R @ case.lattice
    apart = cells[:, None, None] + case.positions - case.positions[:, None]
    matrices = [case.hoppings, 1j * apart[..., 0] * case.hoppings, 1j * apart[..., 1] * case.hoppings]
    table = np.concatenate([matrix.reshape(-1, nb * nb) for matrix in matrices], axis=1)
    reciprocal, steps = 2 * np.pi * np.linalg.inv(case.lattice).T, np.arange(grid) / grid
    points = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    bins = np.zeros((3, len(mu) + 1))
    for start in range(0, len(points), chunk):
        k = points[start : start + chunk] @ reciprocal
        H, vx, vy = (np.exp(1j * (k @ cells.T)) @ table).reshape(-1, 3, nb, nb).swapaxes(0, 1)
        energy, states = np.linalg.eigh(H)
        bra = states.conj().swapaxes(1, 2)
        jx = vx if case.is_charge else (vx @ case.operator + case.operator @ vx) / 2
        vx, vy = bra @ vx @ states, bra @ vy @ states
        jx = vx if case.is_charge else bra @ jx @ states
        gap = energy[:, :, None] - energy[:, None, :]
        inverse = np.divide(1, gap, out=np.zeros_like(gap), where=abs(gap) > 1e-9)
        turn = (vx * vy.swapaxes(1, 2)).imag * inverse
        curvature = 2 * (turn * inverse).sum(-1)
        hall = curvature if case.is_charge else 2 * ((jx * vy.swapaxes(1, 2)).imag * inverse**2).sum(-1)
        place = np.searchsorted(mu, energy.ravel())
        for row, value in enumerate((hall, turn.sum(-1) - energy * curvature, curvature)):
            bins[row] += np.bincount(place, value.ravel(), len(mu) + 1)
    hall, moment, curvature = bins.cumsum(axis=1)[:, :-1] / len(points) / abs(np.linalg.det(case.lattice))
    return hall, moment + mu * curvature
