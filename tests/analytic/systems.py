"""Systems with known answers: each class builds its model and knows the solution that tests/README.md writes out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.integrate import quad

from cc_kernels import KDotP, Model, TightBinding, build_model
from cc_kernels.models import Hoppings, honeycomb
from cc_kernels.models.nambu import nambu
from cc_kernels.models.operators import spins
from cc_kernels.models.pauli import IDENTITY, SX, SY, SZ
from cc_kernels.units import KELVIN

UNIT = 1 / (8 * np.pi)
"""e/8 pi: the conductivities of Rashba electrons come in halves of this and in multiples."""


def fermi(energy: np.ndarray, temperature: float) -> np.ndarray:
    """Occupation at an energy counted from mu, both in eV."""
    return (1 - np.tanh(energy / (2 * temperature))) / 2


@dataclass(frozen=True)
class CleanRashba:
    """Rashba electrons whose spin-orbit field winds `winding` times: only Fermi contours and windings matter."""

    lattice: bool
    alpha: float
    winding: int = 1
    spin: float = 0.5
    k_max: float = 3.0

    @property
    def model(self) -> Model:
        if self.lattice:
            return build_model("rashba_square", alpha=self.alpha, winding=self.winding, spin=self.spin)
        parameters = {"alpha": self.alpha, "winding": self.winding, "spin": self.spin, "k_max": self.k_max}
        return build_model("rashba_continuum", **parameters)

    def sigma_intrinsic_xy(self, contours: list[int]) -> float:
        """-(e s_J/8 pi) sum over contours of eta W; `contours` lists eta = +1 (electron-like) or -1 (hole-like)."""
        return -self.spin * UNIT * self.winding * sum(contours)

    def sigma_conventional_xy(self) -> float:
        """Linear Rashba electrons in the continuum with both bands occupied: the universal spin Hall conductivity."""
        return 2 * self.spin * UNIT

    def kubo_xy(self, mu: float) -> tuple[float, float]:
        """`sigma_conventional`, `sigma_torque_kubo` at T = 0: linear Rashba electrons in the continuum, mass 1."""
        conventional = 2 * self.spin * UNIT * np.sqrt(np.clip(1 + 2 * mu / self.alpha**2, 0, 1))
        surface = 2 * self.spin * UNIT if mu > 0 else 0.0  # int (-f') v^x d^y: sigma_dipole with its indices exchanged
        return conventional, surface - 3 * conventional


@dataclass(frozen=True)
class RashbaInAField:
    """Linear Rashba electrons in the continuum (mass 1) with a Zeeman term: the crossing is gone."""

    bz: float
    alpha: float = 0.7
    k_max: float = 3.0

    @property
    def model(self) -> Model:
        return build_model("rashba_continuum", alpha=self.alpha, bz=self.bz, k_max=self.k_max)

    def sigma_hall_xy(self, mu: float, temperature: float) -> float:
        """int f Omega^{yx} s_z: both bands have Omega^{yx} s_z = alpha^2 bz^2/(4 lambda^4), lambda = |h|; T in eV."""

        def integrand(k: float) -> float:
            splitting = np.hypot(self.alpha * k, self.bz)
            occupation = sum(fermi(k**2 / 2 + sign * splitting - mu, temperature) for sign in (1, -1))
            return k / (2 * np.pi) * occupation * self.alpha**2 * self.bz**2 / (4 * splitting**4)

        edges = [0, self.bz / self.alpha, 0.5, 1, 2, 3, 4]
        return sum(quad(integrand, a, b, epsabs=1e-13)[0] for a, b in pairwise(edges))


@dataclass(frozen=True)
class RashbaDresselhaus:
    """k^2/2 + alpha(ky s_x - kx s_y) + beta(kx s_x - ky s_y) in the continuum, with the operator s_z/2."""

    alpha: float
    beta: float
    k_max: float = 3.0

    @property
    def model(self) -> Model:
        x, y = self.beta * SX - self.alpha * SY, self.alpha * SX - self.beta * SY
        matrices = [IDENTITY / 2, IDENTITY / 2, x, y]
        return KDotP([(2, 0), (0, 2), (1, 0), (0, 1)], matrices, self.k_max, spins(0.5))

    def sigma_intrinsic(self) -> np.ndarray:
        """(i, l), with both bands occupied: the windings off the diagonal, the ratio of the two fields on it."""
        if abs(self.beta) < abs(self.alpha):
            ratio = self.beta / self.alpha
            return UNIT * np.array([[ratio, -1], [1, -ratio]])
        ratio = self.alpha / self.beta
        return UNIT * np.array([[-ratio, 1], [-1, ratio]])


@dataclass(frozen=True)
class MassiveDirac:
    """H = v(kx s_x + ky s_y) + mass s_z, with E = sqrt(v^2 k^2 + mass^2); bands -E, +E."""

    v: float
    mass: float

    @property
    def model(self) -> Model:
        return build_model("massive_dirac", v=self.v, mass=self.mass)

    def energy(self, k: np.ndarray) -> np.ndarray:
        return np.hypot(self.v * np.linalg.norm(k, axis=-1), self.mass)[:, None] * [-1, 1]

    def berry_curvature(self, k: np.ndarray) -> np.ndarray:
        """Omega^xy = -+ v^2 mass/(2 E^3)."""
        return -(self.v**2) * self.mass / (2 * self.energy(k) ** 3)

    def magnetic_moment(self, k: np.ndarray) -> np.ndarray:
        """Of the charge (s = 1): v^2 mass/(2 E^2) in both bands."""
        return self.v**2 * self.mass / (2 * self.energy(k) ** 2)

    def spin_dipole(self, k: np.ndarray) -> np.ndarray:
        """d^{i s_z} = v^2 (-ky, kx)/(4 E^2) in both bands."""
        across = np.stack([-k[:, 1], k[:, 0]], axis=-1)[:, None]
        return self.v**2 * across / (4 * self.energy(k)[..., None] ** 2)

    def spin_moment(self, k: np.ndarray) -> np.ndarray:
        """Of s_z/2: the current {v, s_z}/4 vanishes, and d x v/2 is left, -+ v^4 k^2/(8 |E|^3)."""
        return -(self.v**4) * (k**2).sum(-1)[:, None] / (8 * self.energy(k) ** 3)


@dataclass(frozen=True)
class KaneMele:
    """Kane-Mele without Rashba coupling: two copies of Haldane's model with opposite Chern numbers."""

    lambda_v: float

    @property
    def model(self) -> Model:
        return build_model("kane_mele", lambda_r=0.0, lambda_v=self.lambda_v)

    sigma_hall_xy = 1 / (2 * np.pi)


@dataclass(frozen=True)
class Haldane:
    """The defaults: lower band with Chern number -1, gap from -0.579 to +0.579 eV around mu = 0."""

    @property
    def model(self) -> Model:
        return build_model("haldane")

    gap_edge = 3 * np.sqrt(3) * 0.15 - 0.2
    chern_number_of_lower_band = -1
    sigma_xy = 1 / (2 * np.pi)
    """int f Omega^yx of the filled lower band = dM/dmu (Streda)."""


@dataclass(frozen=True)
class OneBandSuperconductor:
    """One orbital: xi(k), Delta(k) = |Delta| exp(i theta), rho = xi/E, by their derivatives; bands -E, +E."""

    kind: str = "d_id_square"
    t: float = 1.0
    mu: float = -1.0
    d1: float = 0.4
    d2: float = 0.3

    @property
    def model(self) -> Model:
        return build_model(self.kind)

    def fields(self, k: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """xi (N,), its gradient (N, 2), Delta (N,) and its gradient (N, 2)."""
        x, y = k.T
        sine, cosine = np.sin(k), np.cos(k)
        xi, d_xi = -2 * self.t * cosine.sum(-1) - self.mu, 2 * self.t * sine
        if self.kind == "p_ip_square":
            return xi, d_xi, self.d1 * (sine @ [1, 1j]), self.d1 * cosine * [1, 1j]
        pairing = self.d1 * (cosine @ [1, -1]) + 1j * self.d2 * sine.prod(-1)
        gradient = np.stack(
            [
                -self.d1 * sine[:, 0] + 1j * self.d2 * np.cos(x) * np.sin(y),
                self.d1 * sine[:, 1] + 1j * self.d2 * np.sin(x) * np.cos(y),
            ],
            axis=-1,
        )
        return xi, d_xi, pairing, gradient

    def energy(self, k: np.ndarray) -> np.ndarray:
        xi, _, pairing, _ = self.fields(k)
        return np.hypot(xi, np.abs(pairing))[:, None] * [-1, 1]

    def _rho_and_gradients(self, k: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        xi, d_xi, pairing, d_pairing = self.fields(k)
        E = np.hypot(xi, np.abs(pairing))
        d_theta = (d_pairing / pairing[:, None]).imag
        d_E = (xi[:, None] * d_xi + (pairing.conj()[:, None] * d_pairing).real) / E[:, None]
        return xi / E, d_xi / E[:, None] - (xi / E**2)[:, None] * d_E, d_theta

    def charge(self, k: np.ndarray) -> np.ndarray:
        """<tau_z> = -+ rho."""
        return self._rho_and_gradients(k)[0][:, None] * [-1, 1]

    def charge_dipole(self, k: np.ndarray) -> np.ndarray:
        """d_n = (e/2)(rho^2 - 1) d theta/dk in both bands."""
        rho, _, d_theta = self._rho_and_gradients(k)
        return ((rho**2 - 1) / 2)[:, None, None] * d_theta[:, None] * np.ones((2, 1))

    def berry_curvature(self, k: np.ndarray) -> np.ndarray:
        """Omega_sigma = -sigma (d rho x d theta)/2."""
        _, d_rho, d_theta = self._rho_and_gradients(k)
        turn = d_rho[:, 0] * d_theta[:, 1] - d_rho[:, 1] * d_theta[:, 0]
        return -turn[:, None] / 2 * [-1, 1]

    def kappa(self, points: int, temperature: float) -> float:
        """-int Omega F(eps/T) in pi/6, from the closed forms and a quadrature for F; T in eV."""
        k = (np.arange(points) + 0.5) * 2 * np.pi / points
        k = np.stack(np.meshgrid(k, k), axis=-1).reshape(-1, 2)
        curvature, x = self.berry_curvature(k)[:, 1], self.energy(k)[:, 1] / temperature
        # F(-x) = pi^2/3 - F(x), and both bands have opposite curvature
        return float(-(curvature * (2 * thermal_window(x) - np.pi**2 / 3)).mean() * 6 / np.pi)


def thermal_window(x: np.ndarray) -> np.ndarray:
    """F(x) = int_x^inf y^2 (-df/dy) dy for x > 0, by Gauss-Legendre quadrature of 60 points over 60 units."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    y = x[:, None] + 30 * (nodes + 1)
    return 30 * (y**2 / (4 * np.cosh(np.minimum(y, 300) / 2) ** 2)) @ weights


@dataclass(frozen=True)
class RandomPairing:
    """One geometrically trivial band with any pairing: M = 0 if h(k) = h(-k), as a cancellation of two parts."""

    seed: int
    odd: float = 0.0

    @property
    def model(self) -> TightBinding:
        """Pairing to first and second neighbours without any symmetry; `odd` is the part of h that is odd in k."""
        rng = np.random.default_rng(self.seed)
        cells = [(1, 0), (0, 1), (1, 1), (1, -1)]
        hoppings = -np.array([1.0, 0.8, 0.3, 0.2]) * np.exp(1j * self.odd * np.array([0.5, -0.3, 0.8, 0.4]))
        R = cells + [(-a, -b) for a, b in cells]
        normal = TightBinding(np.array([[1, 0], [0.3, 1.1]]), R, np.r_[hoppings, hoppings.conj()][:, None, None])
        pairing = {cell: complex(*rng.normal(size=2)) / 3 for cell in [(0, 0), *R]}
        pairing[0, 0] += 3.0  # keeps nodes away, which a grid resolves slowly
        return nambu(normal, pairing, mu=-0.5, operators={"charge": np.diag([1.0, -1.0])})


def graphene() -> TightBinding:
    """First neighbours -1 eV: gamma(k) = sum over the three bonds of exp(i k.b), bands -+|gamma|, no curvature."""
    honey = Hoppings(honeycomb.LATTICE, positions=[honeycomb.POSITION_A, honeycomb.POSITION_B])
    for cell in honeycomb.NEIGHBOUR_CELLS:
        honey.hop(0, 1, cell, -1.0)
    return honey.build()


def graphene_pairing(neighbours: int) -> dict[tuple[int, ...], np.ndarray]:
    """d + id singlet pairing of first (A with B) or second neighbours (the same on A and B), 1 eV on every bond."""
    bonds = honeycomb.NEIGHBOUR_CELLS if neighbours == 1 else honeycomb.AROUND_CELLS
    pairing: dict[tuple[int, ...], np.ndarray] = {}
    for number, (n1, n2) in enumerate(bonds):
        phase = np.exp(2j * np.pi / 3 * number)
        for cell, block in (((n1, n2), [[0, 1], [0, 0]]), ((-n1, -n2), [[0, 0], [1, 0]])):
            matrix = phase * (np.array(block) if neighbours == 1 else np.eye(2))
            pairing[cell] = pairing.get(cell, 0) + matrix
    return pairing


@dataclass(frozen=True)
class BetweenBands:
    """Graphene with d + id pairing d(k) of second neighbours, opposite on A and B: each band pairs with the other."""

    strength: float
    mu: float = -0.8

    @property
    def model(self) -> TightBinding:
        pairing = {cell: self.strength * block @ SZ for cell, block in graphene_pairing(2).items()}
        return nambu(graphene(), pairing, self.mu, operators={"charge": np.kron(SZ, IDENTITY)})

    def magnetization(self, points: int, temperature: float) -> float:
        """-(1/2) int (|d|^2/W^2) (grad theta x grad |gamma|) [f(|gamma| + W) + f(|gamma| - W) - 1], T in kelvin."""
        reciprocal = 2 * np.pi * np.linalg.inv(honeycomb.LATTICE).T
        k = np.indices((points, points)).reshape(2, -1).T / points @ reciprocal
        bonds = np.array(honeycomb.NEIGHBOUR_CELLS) @ honeycomb.LATTICE + honeycomb.POSITION_B
        waves = np.exp(1j * k @ bonds.T)
        gamma = waves.sum(axis=1)
        size = np.abs(gamma)
        slope = (gamma.conj()[:, None] * (1j * waves @ bonds)).real / size[:, None]
        around = np.array(honeycomb.AROUND_CELLS) @ honeycomb.LATTICE
        weights = 2 * self.strength * np.exp(2j * np.pi / 3 * np.arange(3))
        d = np.cos(k @ around.T) @ weights
        d_gradient = -np.sin(k @ around.T) @ (weights[:, None] * around)
        flow = (d.conj()[:, None] * d_gradient).imag  # |d|^2 grad theta
        W = np.hypot(self.mu, np.abs(d))
        occupation = sum(fermi(size + sign * W, temperature * KELVIN) for sign in (1, -1)) - 1
        cross = flow[:, 0] * slope[:, 1] - flow[:, 1] * slope[:, 0]
        return -0.5 * float((cross / W**2 * occupation).mean()) / np.linalg.det(honeycomb.LATTICE)
