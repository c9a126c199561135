"""Integrals over the zone of a two-dimensional model by Gauss-Legendre quadrature on cells that resolve the integrand.

A way of its own to the responses, from H(k) and v(k) alone, for models whose levels nearly touch off every uniform
grid. Quadrature on a cell converges like a power of its size over the distance of the nearest singularity at complex
k, so cells are cut in four until, throughout each,

    |h| > change of h from its centre to a corner, for neighbouring levels, h.sigma their two-level Hamiltonian and |h|
        half their distance: levels meet where h.h = 0;
    |eps_n - mu + i pi T| > change of eps_n, for each level: the first pole of the Fermi function.

The first rule finds narrow gaps, too: the cells around one shrink until they are as small as gap/velocity. Then the
cells with the largest differences between two orders are cut, until the sum of the differences is small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from cc_kernels import Model
from cc_kernels.units import KELVIN

ORDERS = (7, 10)
"""Gauss points per axis of a cell: the error is the difference, that of the first. A singularity at z halves of the
side from the centre leaves (z + (z^2 - 1)^(1/2))^(-2n); the rules make z > 2^(1/2)."""
FIRST_CELLS = 16
"""Per axis of the zone."""
FINEST = 2e-8
"""Changes of h in eV at which cutting ends: for gaps down to 1e-7 eV. Exact crossings need no more, and rounding, 1e-15
eV, splits them; it must stay small against the distance of levels at the innermost points, 1e-2 FINEST."""
EMPTY = 40
"""Levels this many T above mu are empty."""
BATCH = 8192
"""k-points at a time."""


@dataclass(frozen=True)
class Integral:
    """An integral over the zone, [dk] = sum over bands of d^2k/(2 pi)^2.

    Attributes
    ----------
    value : its Cartesian components; (i, l) for a conductivity.
    error, scale : the sum over cells of the differences of two orders, and the sum of the absolute contributions of
        states; the largest component.
    """

    value: np.ndarray
    error: float
    scale: float


def integrals(
    model: Model, s: np.ndarray, mu: float, temperature: float, tolerance: float = 1e-7, rounds: int = 4
) -> dict[str, Integral]:
    """The integrals of `contributions`, each to `tolerance` of its scale.

    Parameters
    ----------
    model : of two dimensions; no band is double. s : (nb, nb). mu : eV. temperature : kelvin.
    tolerance : of the sums of differences; of the values it is much less, for these are of the higher order.
    rounds : of cuts, at most, after the two rules; the errors say what is left.
    """
    T = temperature * KELVIN
    cells = resolving_cells(model, mu, T)
    sums, shapes = _on_cells(model, s, mu, T, cells)
    for _ in range(rounds):
        scale = _scale(sums, shapes)
        # a quantity that vanishes state by state has no scale but rounding
        relative = (sums[:, 1] / np.maximum(scale, 1e-3 * scale.max())).max(axis=1)
        if relative.sum() < tolerance:
            break
        poor = relative > tolerance / (2 * len(cells))
        if not poor.any():
            break
        quarters = cut(cells[poor])
        cells = np.concatenate([cells[~poor], quarters])
        sums = np.concatenate([sums[~poor], _on_cells(model, s, mu, T, quarters)[0]])
    value, error, scale = abs(np.linalg.det(region(model)[1])) / (2 * np.pi) ** 2 * sums.sum(axis=0)
    parts = _parts(shapes)
    return {
        name: Integral(value[part].reshape(shapes[name]), float(error[part].max()), float(scale[part].max()))
        for name, part in parts.items()
    }


def region(model: Model) -> tuple[np.ndarray, np.ndarray]:
    """Corner and sides (rows) of the zone, or of the box of a continuum model, 1/angstrom."""
    if model.reciprocal is not None:
        return np.zeros(2), model.reciprocal
    return np.full(2, -model.k_max), 2 * model.k_max * np.eye(2)


def cut(cells: np.ndarray) -> np.ndarray:
    """Each of the cells (n, 3), corner and side in fractions of the region, in four: (4n, 3)."""
    half = cells[:, 2] / 2
    x, y = cells[:, 0], cells[:, 1]
    return np.concatenate([np.stack([x + a * half, y + b * half, half], axis=1) for a in (0, 1) for b in (0, 1)])


def resolving_cells(model: Model, mu: float, T: float) -> np.ndarray:
    """Cells (n, 3) that obey the two rules; T in eV."""
    corners = np.indices((FIRST_CELLS, FIRST_CELLS)).reshape(2, -1).T / FIRST_CELLS
    cells = np.column_stack([corners, np.full(len(corners), 1 / FIRST_CELLS)])
    done = []
    while len(cells):
        batches = np.array_split(cells, -(-9 * len(cells) // BATCH))
        coarse = np.concatenate([_is_coarse(model, mu, T, part) for part in batches])
        done.append(cells[~coarse])
        cells = cut(cells[coarse])
    return np.concatenate(done)


def _is_coarse(model: Model, mu: float, T: float, cells: np.ndarray) -> np.ndarray:
    """Does a cell break a rule at one of nine points inside? (n,) bool.

    A narrow gap between them is seen: one of them is at most a third of the way from the centre to a corner from it.
    """
    origin, span = region(model)
    nine = (np.indices((3, 3)).reshape(2, -1).T + 0.5) / 3
    k = origin + (cells[:, None, :2] + nine * cells[:, None, 2:]) @ span
    energies, v = levels(model, k.reshape(-1, 2))
    to_corners = np.array([[1, 1], [1, -1]]) @ span / 2
    size = np.repeat(cells[:, 2], 9)[:, None]
    change = size[..., None, None] * np.einsum("ci,kinm->kcnm", to_corners, v)
    diagonal = np.einsum("kcnn->kcn", change).real
    neighbours = np.einsum("kcnn->kcn", change[..., :-1, 1:])
    of_h = np.hypot(abs(neighbours), np.diff(diagonal, axis=-1) / 2).max(axis=1)
    narrow = (np.diff(energies, axis=1) / 2 < of_h) & (of_h > FINEST) & (energies[:, :-1] < mu + EMPTY * T)
    sharp = np.hypot(energies - mu, np.pi * T) < abs(diagonal).max(axis=1)
    return (narrow.any(axis=1) | sharp.any(axis=1)).reshape(-1, 9).any(axis=1)


def levels(model: Model, k: np.ndarray, *matrices: np.ndarray) -> tuple[np.ndarray, ...]:
    """Energies (N, nb); the velocity (N, 2, nb, nb) and `matrices` (nb, nb) between the states."""
    hamiltonian, velocity = model.hamiltonian_and_velocity(k)
    energies, states = np.linalg.eigh(hamiltonian)
    bra = states.conj().swapaxes(-1, -2)
    return energies, bra[:, None] @ velocity @ states[:, None], *(bra @ matrix @ states for matrix in matrices)


def contributions(model: Model, s: np.ndarray, mu: float, T: float, k: np.ndarray) -> dict[str, np.ndarray]:
    """What every state at k (N, 2) gives to each integral (theory sections 2 and 4): (N, nb, Cartesian); T in eV.

    `sigma_sea` is the antisymmetric part of sigma_intrinsic as a sum over the Fermi sea. The torque dipole has one row
    for each pair of levels, f in place of (g_n - g_m)/omega_nm.
    """
    energies, v, s = levels(model, k, s)
    bands = energies.shape[1]
    J = (v @ s[:, None] + s[:, None] @ v) / 2
    omega = energies[:, :, None] - energies[:, None, :] + np.eye(bands)
    A = -1j * v / omega[:, None] * (1 - np.eye(bands))

    s_n = np.einsum("knn->kn", s).real
    v_n = np.einsum("kinn->kni", v).real
    d = (A * s.swapaxes(-1, -2)[:, None]).sum(-1).real.swapaxes(1, 2)
    curvature = -2 * (A[:, 0] * A[:, 1].conj()).sum(-1).imag  # Omega^xy = -2 Im sum A^x_nm A^y_mn
    mixed = 2 * ((A[:, 1] @ s) * A[:, 0].conj()).sum(-1).imag  # Xi^xy = 2 Im sum A^y_nm s_mp A^x_pn
    # Omega^lis = -2 Im sum v^l_nm J^is_mn/omega_nm^2, v_nm/omega_nm = i A_nm
    s_curvature = -2 * np.einsum("klnm,kinm->knil", 1j * A / omega[:, None], J.conj()).imag
    rotation = (A[:, 0] * J[:, 1].conj() - A[:, 1] * J[:, 0].conj()).sum(-1).real
    moment = (rotation + d[..., 0] * v_n[..., 1] - d[..., 1] * v_n[..., 0]) / 2

    x = (energies - mu) / T
    f, g, surface = expit(-x), -T * np.logaddexp(0, -x), expit(x) * expit(-x) / T
    entropy = np.logaddexp(0, -abs(x)) + abs(x) * expit(-abs(x))
    yx = np.array([[0, -1], [1, 0]])  # (i, l) of a tensor Omega^li, in units of its xy component

    def hall(window: np.ndarray, tensor: np.ndarray) -> np.ndarray:
        return (window * tensor)[..., None, None] * yx

    flow = d[..., :, None] * v_n[..., None, :]
    sigma_hall, sigma_dipole = hall(f, curvature * s_n), surface[..., None, None] * flow
    above, below = np.triu_indices(bands, 1)
    torque = (v * s.swapaxes(-1, -2)[:, None]).real[:, :, above, below].swapaxes(1, 2)
    mean_f = _mean_occupation(x[:, above], x[:, below])
    return {
        "sigma_conventional": f[..., None, None] * s_curvature,
        "sigma_hall": sigma_hall,
        "sigma_dipole": sigma_dipole,
        "sigma_intrinsic": np.concatenate([sigma_hall, sigma_dipole], axis=1),
        "sigma_sea": hall(f, curvature * s_n + mixed) / 2,
        "alpha_intrinsic": np.concatenate(
            [hall(entropy, curvature * s_n), (x * surface)[..., None, None] * flow], axis=1
        ),
        "conventional_current": f[..., None] * np.einsum("kinn->kni", J).real,
        "torque_dipole_density": (2 * mean_f - f[:, above] - f[:, below])[..., None] * torque,
        "magnetization": np.concatenate([f * moment, g * curvature * s_n], axis=1),
    }


def _mean_occupation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The mean of f between two levels, (g_n - g_m)/omega_nm: where x = a and b are close, by Gauss quadrature."""
    nodes, weights = np.polynomial.legendre.leggauss(8)
    centre, half = (a + b) / 2, (b - a) / 2
    close = abs(half) < 0.5  # f has poles at +-i pi: the error is (4 pi)^-16
    mean = (np.logaddexp(0, -a) - np.logaddexp(0, -b)) / np.where(close, 1, 2 * half)
    mean[close] = expit(-centre[close][:, None] - half[close][:, None] * nodes) @ weights / 2
    return mean


def _on_cells(model: Model, s: np.ndarray, mu: float, T: float, cells: np.ndarray) -> tuple[np.ndarray, dict]:
    """Values, differences of the two orders and absolute values on cells (n, 3, components); the Cartesian shapes."""
    origin, span = region(model)
    (rough, rough_weights), (fine, fine_weights) = (_gauss(order) for order in ORDERS)
    points = np.concatenate([rough, fine])
    results, shapes = [], {}
    for part in np.array_split(cells, -(-len(cells) * len(points) // BATCH)):
        k = origin + (part[:, None, :2] + points * part[:, None, 2:]) @ span
        table = contributions(model, s, mu, T, k.reshape(-1, 2))
        shapes = {name: values.shape[2:] for name, values in table.items()}

        def packed(values: list[np.ndarray], k: np.ndarray = k) -> np.ndarray:
            return np.concatenate([value.sum(axis=1).reshape(*k.shape[:2], -1) for value in values], axis=-1)

        total, absolute = packed(list(table.values())), packed([abs(values) for values in table.values()])
        value = fine_weights @ total[:, len(rough) :]
        difference = abs(value - rough_weights @ total[:, : len(rough)])
        area = part[:, 2, None, None] ** 2
        results.append(area * np.stack([value, difference, fine_weights @ absolute[:, len(rough) :]], axis=1))
    return np.concatenate(results), shapes


def _gauss(order: int) -> tuple[np.ndarray, np.ndarray]:
    """Points (order^2, 2) of the unit square, and their weights."""
    nodes, weights = np.polynomial.legendre.leggauss(order)
    return np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 2) / 2 + 0.5, np.outer(weights, weights).ravel() / 4


def _parts(shapes: dict[str, tuple[int, ...]]) -> dict[str, slice]:
    """Where the components of each integral lie."""
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes.values()])
    return {name: slice(end - int(np.prod(shapes[name])), end) for name, end in zip(shapes, ends.tolist(), strict=True)}


def _scale(sums: np.ndarray, shapes: dict[str, tuple[int, ...]]) -> np.ndarray:
    """The largest component of each integral's absolute contributions, for every component."""
    scale = sums[:, 2].sum(axis=0)
    for part in _parts(shapes).values():
        scale[part] = scale[part].max()
    return scale
