"""The models of the comparison as plain arrays, which every program reads and builds its own model from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Case:
    """A two-dimensional tight-binding model and the operator whose Hall response is wanted.

    Attributes
    ----------
    name : of the model.
    lattice, positions : (2, 2) and (nb, 2), Cartesian, angstrom.
    R : (nR, 2) cells; both R and -R are listed.
    hoppings : (nR, nb, nb), <i,0|H|j,R> in eV.
    operator : (nb, nb); commutes with the positions.
    centre : eV; chemical potentials are counted from here.
    """

    name: str
    lattice: np.ndarray
    positions: np.ndarray
    R: np.ndarray
    hoppings: np.ndarray
    operator: np.ndarray
    centre: float

    @property
    def bands(self) -> int:
        return len(self.operator)

    @property
    def is_charge(self) -> bool:
        return bool((self.operator == np.eye(self.bands)).all())

    def save(self, path: Path) -> None:
        np.savez(path, **{key: np.asarray(value) for key, value in vars(self).items()})

    @classmethod
    def load(cls, path: str | Path) -> Case:
        with np.load(path) as file:
            arrays = dict(file)
        return cls(**arrays | {"name": str(arrays["name"]), "centre": float(arrays["centre"])})

    def hamiltonian(self, grid: int) -> np.ndarray:
        """H at the grid^2 points i/grid of a zone, without the phases of the positions."""
        steps = 2 * np.pi * np.arange(grid) / grid
        k = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
        return (np.exp(1j * (k @ self.R.T)) @ self.hoppings.reshape(len(self.R), -1)).reshape(-1, *self.operator.shape)


def random_case(bands: int) -> Case:
    """Random hoppings to eight neighbours on an oblique lattice, levels 1 eV apart on average, a random operator."""
    rng = np.random.default_rng(bands)

    def matrix() -> np.ndarray:
        return rng.normal(size=(bands, bands)) + 1j * rng.normal(size=(bands, bands))

    def hermitian() -> np.ndarray:
        drawn = matrix()
        return (drawn + drawn.conj().T) / 2

    cells, hoppings = [(0, 0)], [hermitian() / 2 + np.diag(np.arange(bands) - (bands - 1) / 2)]
    for cell in ((0, 1), (1, -1), (1, 0), (1, 1)):
        hop = 0.15 * matrix()
        cells += [cell, (-cell[0], -cell[1])]
        hoppings += [hop, hop.conj().T]
    lattice = np.array([[1.0, 0.1], [-0.15, 1.1]])
    return Case(
        f"random, {bands} orbitals",
        lattice,
        np.zeros((bands, 2)),
        np.array(cells),
        np.array(hoppings),
        hermitian(),
        0.0,
    )


def library_case(name: str, operator: str) -> Case:
    """A model of this project's library."""
    from cc_kernels import build_model

    model = build_model(name)
    matrix = model.operators[operator].matrix
    return Case(name, model.lattice, model.positions, model.R, model.hoppings, matrix, 0.0)
