"""The states on the Fermi contours, with everything that the scattering theory needs of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels.errors import InputError, stated
from cc_kernels.scattering.contours import Contour

if TYPE_CHECKING:
    from cc_kernels.models import Model


@dataclass(frozen=True)
class FermiStates:
    """States of all contours of one chemical potential, one after the other.

    Attributes
    ----------
    contour : (N,) number of each state's contour.
    k : (N, 2), 1/angstrom.
    weight : (N,) w = dl/(4 pi^2 |v|), so that int [dk] (-f') X = sum w X at T = 0.
    velocity : (N, 2).  operator, dipole : (N,) s_n, (N, 2) d_n^is.
    spread, speed : (N,) square roots of the trace of the quantum metric and of <u|v^2|u>: what a state's dipole and
        current could be at most, for each unit of the operator.
    states : (N, nb) |u>.  derivatives : (N, 2, nb) |D_i u>, in the orbital basis.
    """

    contour: np.ndarray
    k: np.ndarray
    weight: np.ndarray
    velocity: np.ndarray
    operator: np.ndarray
    dipole: np.ndarray
    spread: np.ndarray
    speed: np.ndarray
    states: np.ndarray
    derivatives: np.ndarray

    def __len__(self) -> int:
        return len(self.weight)


def fermi_states(model: Model, operator: np.ndarray, contours: list[Contour], tolerance: float) -> FermiStates:
    """Evaluate the states; levels on a contour may not be degenerate (`tolerance` in eV).

    Raises
    ------
    InputError : a degenerate level on a contour: s_n and d_n of one band then have no meaning.
    """
    k = np.concatenate([contour.k for contour in contours])
    line = np.concatenate([contour.line for contour in contours])
    number = np.repeat(np.arange(len(contours)), [len(contour.k) for contour in contours])
    band = np.array([contour.band for contour in contours])[number]
    solved = model.solve(k)
    energies, basis, velocity = solved.energies, solved.states, solved.velocity
    rows = np.arange(len(k))
    omega = energies[rows, band][:, None] - energies
    omega[rows, band] = np.inf
    if abs(omega).min() <= tolerance:
        where = f"a Fermi line of {model.name} at mu = {energies[rows, band].mean():g}"
        given = stated(f"levels {abs(omega).min():.1e} eV apart on {where}")
        raise InputError("degeneracy_tolerance", given, f"Fermi lines of single bands (tolerance {tolerance} eV)")
    u = basis[rows, :, band]
    v_columns = np.einsum("xam,xiab,xb->xim", basis.conj(), velocity, u)  # v_mn
    s_columns = np.einsum("xam,ab,xb->xm", basis.conj(), operator, u)
    v = v_columns[rows, :, band].real
    D = v_columns / omega[:, None, :]  # |D_i n> = sum_m |m> v_mn/(eps_n - eps_m)
    dipole = np.einsum("xim,xm->xi", D.conj(), s_columns).imag  # d = Re sum A_nm s_mn = Im <D n|s|n>
    return FermiStates(
        number,
        k,
        line / (4 * np.pi**2 * np.linalg.norm(v, axis=1)),
        v,
        s_columns[rows, band].real,
        dipole,
        np.linalg.norm(D, axis=(1, 2)),
        np.linalg.norm(v_columns, axis=(1, 2)),
        u,
        np.einsum("xam,xim->xia", basis, D),
    )
