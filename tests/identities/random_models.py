"""Random periodic Hamiltonians, and the projector formulas that need no sum over states.

A projector P on a band (or on a degenerate group) has no gauge, and its derivatives come from finite differences of
eigenvectors alone. With |D n> = (1 - P)|dn>, the state-resolved quantities are, traced over the group,

    s-dipole            -Im Tr P s dP_i            (and with J^i for s, d_l for d_i: the current dipole)
    Berry curvature      i Tr P [dP_l, dP_i]       (with s behind it: Omega times s)
    s-Berry curvature    i Tr P [dP_l, dP_lambda], lambda the strength of a perturbation J^is
    torque curvature     Tr s dP_i = d s_n/dk_i
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np

from cc_kernels.models import TightBinding
from cc_kernels.models.base import BOSE
from cc_kernels.models.bosonic_checks import exchanged
from cc_kernels.models.bosons import bosons
from tests.identities.eigensystems import eigensystem, metric

EPS = np.finfo(float).eps
STEP = 1e-3
"""Of k (1/angstrom): the error of a five-point difference, STEP^4/30 x 5th derivative, is then near its rounding."""


def antisymmetric(vector: np.ndarray, dim: int) -> np.ndarray:
    """epsilon_ilk V_k (..., dim, dim): V (..., 3) in three dimensions, its z component (...) in two."""
    if dim == 2:
        return np.asarray(vector)[..., None, None] * np.array([[0, 1], [-1, 0]])
    epsilon = np.zeros((3, 3, 3))
    for i, l, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        epsilon[i, l, k], epsilon[l, i, k] = 1, -1
    return np.einsum("ilk,...k->...il", epsilon, vector)


def hermitian(rng: np.random.Generator, size: int) -> np.ndarray:
    matrix = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    return (matrix + matrix.conj().T) / 2


def half_cells(dim: int) -> list[tuple[int, ...]]:
    """Neighbour cells up to one step along every axis, one of each pair R, -R."""
    return [cell for cell in product((-1, 0, 1), repeat=dim) if cell > (0,) * dim]


def random_model(
    seed: int, dim: int, bands: int, *, blocks: bool = False, hopping: float = 0.3, **labels: object
) -> TightBinding:
    """A random model on an oblique lattice, with a random operator "s" that commutes with the position operator.

    blocks: two sites, s block diagonal; otherwise all orbitals share one site and s is any Hermitian matrix.
    hopping: eV; 3^dim - 1 neighbours, so the band width is a few times 3^dim x hopping.
    """
    rng = np.random.default_rng(seed)
    lattice = np.eye(dim) + 0.2 * rng.uniform(-1, 1, size=(dim, dim))
    site = np.arange(bands) < (bands + 1) // 2 if blocks else np.zeros(bands, dtype=bool)
    positions = rng.uniform(-0.5, 0.5, size=(2, dim))[site.astype(int)]
    s = hermitian(rng, bands) * (site[:, None] == site[None, :])
    R, matrices = [(0,) * dim], [hermitian(rng, bands) + np.diag(np.arange(bands))]
    for cell in half_cells(dim):
        matrix = hopping * (rng.normal(size=(bands, bands)) + 1j * rng.normal(size=(bands, bands))) / 2
        R += [cell, tuple(-n for n in cell)]
        matrices += [matrix, matrix.conj().T]
    return TightBinding(lattice, R, np.array(matrices), positions, {"s": s}, **labels)


LOWEST, COUPLING = 0.6, 0.45
"""eV: the lowest level of random bosons, whose others are 1 eV apart, and what couples them all."""


def random_bosons(
    seed: int, modes: int, dim: int, anomalous_operator: bool = False, conserved: bool = False
) -> TightBinding:
    """Random bosons on an oblique lattice with normal and anomalous terms, and an operator "s" of (b, b^dagger).

    H = D + V with D = diag(E, E), E_n = LOWEST + n, and the norm of V at most COUPLING at every k. So H is positive
    definite, and as the levels of eta H rise with H (those of positive norm), each is within COUPLING of its E_n: bands
    are 1 - 2 COUPLING = 0.1 apart at least, and 2 (LOWEST - COUPLING) = 0.3 from those of holes. Three modes or more
    are on two sites.

    anomalous_operator : s has terms b b + h.c., on each site; otherwise it is b^dagger a b.
    conserved : s is diagonal, +1 and -1 for every other mode, and V commutes with it: tau = 0.
    """
    assert not (anomalous_operator and conserved)
    rng = np.random.default_rng(seed)
    lattice = np.eye(dim) + 0.2 * rng.uniform(-1, 1, size=(dim, dim))
    site = np.arange(modes) * (modes > 2) > modes / 2
    positions = rng.uniform(-0.5, 0.5, size=(2, dim))[site.astype(int)]
    charge = (-1.0) ** np.arange(modes)
    steps = [tuple(step) for step in np.eye(dim, dtype=int)]
    steps += [(1,) * dim] if dim > 1 else [(2,)]
    normal, anomalous = ({(0,) * dim: hermitian(rng, modes)}, {(0,) * dim: _drawn(rng, modes)})
    anomalous[(0,) * dim] += anomalous[(0,) * dim].T
    for step in steps:
        back = tuple(-n for n in step)
        normal[step], anomalous[step] = _drawn(rng, modes), _drawn(rng, modes)
        normal[back], anomalous[back] = normal[step].conj().T, anomalous[step].T
    A, B = np.array(list(normal.values())), np.array(list(anomalous.values()))
    if conserved:
        A, B = A * (charge[:, None] == charge), B * (charge[:, None] == -charge)
    coupled = bosons(lattice, list(normal), A, B)
    A, B = (COUPLING / coupled.largest_energy * part for part in (A, B))
    A[0] += np.diag(LOWEST + np.arange(modes))
    same_site = site[:, None] == site
    a = np.diag(charge) if conserved else hermitian(rng, modes) * same_site
    b = _drawn(rng, modes) * same_site * anomalous_operator
    s = np.block([[a, b + b.T], [(b + b.T).conj(), a.T]])
    return bosons(lattice, list(normal), A, B, positions=positions, operators={"s": s})


def _drawn(rng: np.random.Generator, size: int) -> np.ndarray:
    """A complex matrix without any symmetry."""
    return rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))


SIZES = [(dim, bands) for dim in (2, 3) for bands in (2, 3, 4, 5)]
"""Every identity of the table is stated on these."""


def model_of_size(dim: int, bands: int, hopping: float = 0.3) -> TightBinding:
    """The random model of that size; two sites where the number of bands is odd."""
    return random_model(10 * dim + bands, dim, bands, blocks=bands % 2 == 1, hopping=hopping)


def dispersed_model(seed: int, bands: int) -> TightBinding:
    """A random two-dimensional model with 1 eV of common hopping: broad bands, and sums that vary slowly with mu."""
    model = random_model(seed, 2, bands, blocks=bands % 2 == 1, hopping=0.1)
    neighbours = np.abs(model.R).sum(axis=1) == 1
    hoppings = model.hoppings - neighbours[:, None, None] * np.eye(bands)
    return with_hoppings(model, hoppings)


def with_hoppings(model: TightBinding, hoppings: np.ndarray) -> TightBinding:
    """The same with another H."""
    labels = {
        name: getattr(model, name) for name in ("degeneracy_tolerance", "name", "statistics", "particle_hole_copies")
    }
    return TightBinding(model.lattice, model.R, hoppings, model.positions, model.operators, **labels)


def with_field(model: TightBinding, field: np.ndarray) -> TightBinding:
    """H + field, a Hermitian matrix that does not depend on k."""
    hoppings = model.hoppings.copy()
    hoppings[len(hoppings) // 2] += field
    return with_hoppings(model, hoppings)


def gapped_model(
    seed: int, dim: int, bands: int, filled: int, *, gap: float = 1.0, blocks: bool = False, hopping: float = 0.15
) -> TightBinding:
    """A random insulator: its `filled` lowest bands lie below 0 and the others above, `gap` (eV) apart.

    The orbitals of either set are pulled away from 0 until a fine grid shows the gap.
    """
    model = random_model(seed, dim, bands, blocks=blocks, hopping=hopping)
    side = np.where(np.arange(bands) < filled, -1.0, 1.0)
    k = np.stack(np.meshgrid(*[np.arange(24 if dim < 3 else 10)] * dim), -1).reshape(-1, dim)
    k = k / (k.max() + 1) @ model.reciprocal
    for _ in range(60):
        energies = np.linalg.eigvalsh(model.hamiltonian(k))
        top, bottom = energies[:, filled - 1].max(), energies[:, filled].min()
        if bottom - top > gap:
            return with_field(model, -(top + bottom) / 2 * np.eye(bands))
        model = with_field(model, 0.1 * np.diag(side))
    raise ValueError(f"no gap of {gap} eV")


def doubled(model: TightBinding, seed: int) -> TightBinding:
    """Every band twice: H x 1. The operator is s x 1 plus a random part in each doublet that no trace may feel."""
    rng = np.random.default_rng(seed)
    hoppings = np.array([np.kron(block, np.eye(2)) for block in model.hoppings])
    # matrices x (a Pauli matrix) have no trace over a doublet; within the site blocks, so that [s, tau] = 0
    pauli = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    same_site = np.abs(model.positions[:, None] - model.positions).max(-1) == 0
    s = np.kron(model.operators["s"].matrix, np.eye(2))
    s = s + sum(np.kron(hermitian(rng, model.num_bands) * same_site, sigma) for sigma in pauli)
    if model.statistics == BOSE:
        s = (s + exchanged(s.T)) / 2
    kind = {"statistics": model.statistics, "particle_hole_copies": model.particle_hole_copies}
    positions = np.repeat(model.positions, 2, axis=0)
    return TightBinding(model.lattice, model.R, hoppings, positions, {"s": s}, **kind)


def inversion_times_time_reversal(model: TightBinding) -> TightBinding:
    """The part of `model` that obeys H(k) = U H(k)^* U^dagger with U U^* = -1: Kramers doublets at every k."""
    U = np.kron(np.eye(model.num_bands // 2), np.array([[0, -1], [1, 0]]))
    partner = U @ model.hoppings[::-1].conj() @ U.T  # R[::-1] == -R
    return TightBinding(model.lattice, model.R, (model.hoppings + partner) / 2, model.positions, model.operators)


def random_kpoints(seed: int, model: TightBinding, number: int) -> np.ndarray:
    """Random k in the first reciprocal cell."""
    return np.random.default_rng(seed).uniform(size=(number, model.dim)) @ model.reciprocal


def away_from_crossings(model: TightBinding, k: np.ndarray, group: int, gap: float = 0.1) -> np.ndarray:
    """The k where groups of `group` levels are `gap` (eV) apart: no order changes within finite-difference steps."""
    energies = eigensystem(model, model.hamiltonian(k))[0]
    if energies.shape[1] == group:
        return k
    return k[(np.diff(energies, axis=1)[:, group - 1 :: group] > gap).all(axis=1)]


def projectors(model: TightBinding, hamiltonian: np.ndarray, group: int) -> np.ndarray:
    """(N, nb, nb) Hamiltonians -> (N, groups, nb, nb) projectors on groups of `group` levels, in order of energy."""
    _, right, left = eigensystem(model, hamiltonian)
    points, bands = right.shape[:2]
    right, left = right.reshape(points, bands, bands // group, group), left.reshape(points, -1, group, bands)
    return np.einsum("kpga,kgaq->kgpq", right, left)


class ByProjectors:
    """State-resolved quantities from finite differences of projectors, as group means, at a given step.

    Of bosons P = |n><n| eta eta_n, and eta s, eta v, eta J stand for s, v, J.
    """

    def __init__(self, model: TightBinding, k: np.ndarray, group: int, step: float) -> None:
        s, eta = model.operators["s"].matrix, metric(model)
        hamiltonian, velocity = model.hamiltonian_and_velocity(k)
        current = (velocity @ eta @ s + s @ eta @ velocity) / 2
        P = projectors(model, hamiltonian, group)
        axes = step * np.eye(model.dim)

        def derivative(hamiltonian: Callable[[int], np.ndarray]) -> np.ndarray:
            return _five_point(lambda n: projectors(model, hamiltonian(n), group), step)

        dP = np.stack([derivative(lambda n, a=a: model.hamiltonian(k + n * a)) for a in axes])
        dP_field = np.stack(
            [derivative(lambda n, i=i: hamiltonian + n * step * current[:, i]) for i in range(model.dim)]
        )
        s, velocity, current = eta @ s, eta @ velocity, eta @ current

        def mean(trace: np.ndarray) -> np.ndarray:
            """(components..., N, groups) -> (N, bands, components...), every member of a group alike."""
            trace = np.moveaxis(trace, (-2, -1), (0, 1)) / group
            return np.repeat(trace, group, axis=1)

        commutator = np.einsum("kgab,lkgbc,ikgcd->likgad", P, dP, dP)
        commutator = 1j * (commutator - commutator.swapaxes(0, 1))
        field = np.einsum("kgab,lkgbc,ikgca->likg", P, dP, dP_field)
        field = 1j * (field - np.einsum("kgab,ikgbc,lkgca->likg", P, dP_field, dP))
        self.values = {
            "operator_expectation": mean(np.einsum("kgab,ba->kg", P, s).real),
            "velocity": mean(np.einsum("kgab,kiba->ikg", P, velocity).real),
            "operator_current": mean(np.einsum("kgab,kiba->ikg", P, current).real),
            "s_dipole": mean(-np.einsum("kgab,bc,ikgca->ikg", P, s, dP).imag),
            "berry_curvature": mean(np.einsum("likgaa->likg", commutator).real),
            "berry_curvature_operator": mean(np.einsum("likgab,ba->likg", commutator, s).real),
            "s_berry_curvature": mean(field.real),
            "current_dipole": mean(-np.einsum("kgab,kibc,lkgca->likg", P, current, dP).imag),
        }


def _five_point(function: Callable[[int], np.ndarray], step: float) -> np.ndarray:
    near, far = (function(n) - function(-n) for n in (1, 2))
    return (8 * near - far) / (12 * step)
