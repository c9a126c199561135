"""The compiled eigensolver beside LAPACK: time per random Hermitian matrix by its size, and errors.

Run on request, `make bench BENCH_ARGS=eigensolvers`; it asserts nothing. `cc_kernels.models.solved` chooses by these.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from cc_kernels.models.solved import compiled_states

SIZES = (2, 3, 4, 5, 6, 8, 12, 16, 18, 24, 32, 40, 48, 64, 96)
ELEMENTS, REPEATS = 2**16, 9
SOLVERS = {"compiled": compiled_states, "LAPACK": np.linalg.eigh}


def seconds(solver: Callable, matrices: np.ndarray) -> float:
    start = time.perf_counter()
    solver(matrices)
    return time.perf_counter() - start


def residual(solver: Callable, matrices: np.ndarray) -> float:
    """Largest of |H u - u e| and of |u^dagger u - 1|, in units of the rounding unit and |H|."""
    energies, states = solver(matrices)
    apart = np.abs(matrices @ states - states * energies[:, None]).max() / np.abs(energies).max()
    overlap = np.abs(states.conj().swapaxes(1, 2) @ states - np.eye(matrices.shape[-1])).max()
    return max(apart, overlap) / np.finfo(float).eps


def main() -> None:
    print(f"{'bands':>5}", *(f"{f'{name}, us':>16} {'error/eps':>9}" for name in SOLVERS))
    for size in SIZES:
        rng = np.random.default_rng(size)
        drawn = rng.normal(size=(2, max(16, ELEMENTS // size**2), size, size))
        matrices = drawn[0] + 1j * drawn[1]
        matrices = matrices + matrices.conj().swapaxes(1, 2)
        errors = {name: residual(solver, matrices) for name, solver in SOLVERS.items()}
        times = [[seconds(solver, matrices) for solver in SOLVERS.values()] for _ in range(REPEATS)]
        best = np.min(times, axis=0) / len(matrices) * 1e6
        print(f"{size:5d}", *(f"{us:16.2f} {errors[name]:9.1f}" for name, us in zip(SOLVERS, best, strict=True)))


if __name__ == "__main__":
    main()
