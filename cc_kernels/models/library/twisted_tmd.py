"""Holes in a twisted bilayer of a transition-metal dichalcogenide: layer pseudospin in a moire superlattice."""

from __future__ import annotations

import warnings
from typing import Annotated

import numpy as np

from cc_kernels import checks
from cc_kernels.errors import InputError
from cc_kernels.models.base import Operator
from cc_kernels.models.constants import HBAR_SQUARED_OVER_2M
from cc_kernels.models.kdotp import KDotP
from cc_kernels.models.operators import charge
from cc_kernels.models.symmetry import Symmetry, operation, time_reversal

BOTTOM, TOP = 1, -1  # the layer l, and the eigenvalue of `layer`
INTRALAYER = ((1, 0), (-1, 1), (0, -1))  # G_1, G_3, G_5 in units of (G_1, G_2)
INTERLAYER = ((0, 0), (0, 1), (-1, 1))  # 0, G_2, G_3


def build(
    *,
    theta: Annotated[float, "degree"] = 3.0,
    displacement: float = 0.0,
    mass: Annotated[float, "electron masses"] = 0.62,
    V: float = 0.008,
    psi: Annotated[float, "degree"] = -89.6,
    w: float = -0.0085,
    a0: Annotated[float, "angstrom"] = 3.472,
    shells: int = 5,
) -> KDotP:
    """Holes of one valley (K, one spin) in a twisted TMD homobilayer, in plane waves; defaults are MoTe2.

    Electrons at the valence band edge (Wu et al., Eq. 4; bottom layer first, G_j = 4 pi/(sqrt(3) a_M) at the angle
    (j - 1) pi/3, a_M = a0/(2 sin(theta/2)), corners kappa_+- = 4 pi/(3 a_M) (-sqrt(3)/2, -+1/2)):

        H_e = [[-hbar^2 (k - kappa_+)^2/2m + D_+(r), T(r)], [T(r)^*, -hbar^2 (k - kappa_-)^2/2m + D_-(r)]],
        D_l = 2V sum_{j=1,3,5} cos(G_j.r + l psi),   T = w(1 + exp(-i G_2.r) + exp(-i G_3.r)).

    It has no lower bound, so this model counts holes instead: an empty state of H_e at -k is a hole at k, and
    H(k) = -H_e(-k)^* + displacement/2 sigma_z, bounded below. So mu is that of the holes, minus the electrons';
    charge is 1 per hole and e = +|e|; layer = sigma_z is +1 for a hole in the bottom layer; displacement (eV) is a
    hole's energy in the bottom layer less that in the top one; a band's Chern number is minus that of the electrons'
    band. The holes of the valley -K are the time-reversed ones, H(-k)^*, and not included. Their sigma_intrinsic,
    alpha_intrinsic and all other parts but sigma_relaxation_time have the opposite sign, so that a bilayer with
    time-reversal symmetry has no net layer Hall current: what comes out is the current of holes polarized into one
    valley, or half the current of layer times valley.

    theta, psi in degrees; mass in electron masses; V, w in eV; a0 in angstrom. The basis of layer l are the plane waves
    k + G on the innermost `shells` circles |G + kappa_l| = 4 pi/(3 a_M) sqrt(1, 4, 7, 13, 16, ...), which share the
    threefold symmetry; 5 shells are 42 bands, and hold the two lowest within 0.01 meV from 3 degrees up (0.07 meV at
    2 degrees; 10 shells: 1e-6 eV, also there). Between 4 and 7 shells sigma_intrinsic of `layer` changes by less than
    4e-4 e/h, and its two parts and sigma_conventional by less than 7e-4 (defaults, |displacement| up to 0.016 eV, mu
    from -0.016 to 0.004 eV, 10 to 50 K, where sigma_intrinsic reaches 0.39).

    Source, also of the defaults: F. Wu, T. Lovorn, E. Tutuc, I. Martin, and A. H. MacDonald, Phys. Rev. Lett. 122,
    086402 (2019), doi:10.1103/PhysRevLett.122.086402.
    """
    mass = checks.positive("mass", mass)
    shells = checks.integer("shells", shells, "a whole number from 1 to 30", minimum=1, maximum=30)
    _refuse_other_units(theta, psi, a0, {"V": V, "w": w, "displacement": displacement})
    period = a0 / (2 * np.sin(np.radians(theta) / 2))
    lattice = period * np.array([[np.sqrt(3) / 2, -1 / 2], [0, 1]])
    reciprocal = 2 * np.pi * np.linalg.inv(lattice).T  # G_1 and G_2
    basis, momenta = plane_waves(reciprocal, shells)
    c = HBAR_SQUARED_OVER_2M / mass
    sigma_z = np.diag([float(layer) for layer, *_ in basis])
    terms = {
        (0, 0): np.diag(c * (momenta**2).sum(1)) + displacement / 2 * sigma_z - couplings(basis, V, np.radians(psi), w),
        (1, 0): np.diag(2 * c * momenta[:, 0]),
        (0, 1): np.diag(2 * c * momenta[:, 1]),
        (2, 0): c * np.eye(len(basis)),
        (0, 2): c * np.eye(len(basis)),
    }
    operators = {"layer": Operator(sigma_z, "1", "layer pseudospin, +1 in the bottom layer and -1 in the top one")}
    return KDotP(
        np.array(list(terms)), np.array(list(terms.values())), operators=operators | charge(len(basis)), lattice=lattice
    )


def _refuse_other_units(theta: float, psi: float, a0: float, energies: dict[str, float]) -> None:
    """Radians, nanometres and meV. Below 0.2 degrees 30 shells end below the moire potential; 10 degrees are 0.17."""
    if not 0.2 <= theta <= 10:
        raise InputError("theta", theta, "a twist angle from 0.2 to 10 degrees (the moire model is for small ones)")
    if abs(psi) > 360:
        raise InputError("psi", psi, "an angle in degrees, from -360 to 360")
    if 0 < abs(psi) <= np.pi and not float(psi).is_integer():
        warnings.warn(f"psi = {psi:g} counts in degrees; {psi:g} radians are {np.degrees(psi):.6g}", stacklevel=4)
    if not 1 <= a0 <= 20:
        raise InputError("a0", a0, "a lattice constant in angstrom, from 1 to 20")
    for key, value in energies.items():
        if abs(value) > 1:
            raise InputError(key, value, "an energy in eV, from -1 to 1: far below the gap of the layers")


def plane_waves(reciprocal: np.ndarray, shells: int) -> tuple[list[tuple[int, int, int]], np.ndarray]:
    """Return the basis (layer, n_1, n_2), G = n_1 G_1 + n_2 G_2, and its momenta G + kappa_layer (nb, 2) at k = 0.

    All of one layer's waves of equal |G + kappa_layer| are kept or left out together, bottom layer first.
    """
    reach = shells + 1  # the n-th circle is closer than n |G_1|
    n = np.indices((2 * reach + 1, 2 * reach + 1)).reshape(2, -1).T - reach
    basis, momenta = [], []
    for layer in (BOTTOM, TOP):
        # kappa_+ = -(G_1 + G_2)/3, kappa_- = (G_2 - 2 G_1)/3
        shifted = n + (np.array([-1, -1]) if layer == BOTTOM else np.array([-2, 1])) / 3
        # |x G_1 + y G_2|^2 = (x^2 + xy + y^2)|G_1|^2, thirds of whole numbers
        circle = np.round(3 * (shifted[:, 0] ** 2 + shifted.prod(1) + shifted[:, 1] ** 2)).astype(int)
        kept = circle <= np.unique(circle)[shells - 1]
        basis += [(layer, *row) for row in n[kept].tolist()]
        momenta.append(shifted[kept] @ reciprocal)
    return basis, np.concatenate(momenta)


def couplings(basis: list[tuple[int, int, int]], V: float, psi: float, w: float) -> np.ndarray:
    """Return the matrix (nb, nb), eV, of the potentials D_l(r) and T(r)^*, complex conjugate for holes."""
    index = {wave: row for row, wave in enumerate(basis)}
    matrix = np.zeros((len(basis), len(basis)), dtype=complex)

    def couple(row: tuple[int, int, int], column: tuple[int, int, int], value: complex) -> None:
        if row in index:
            matrix[index[row], index[column]] += value
            matrix[index[column], index[row]] += np.conj(value)

    for layer, n1, n2 in basis:
        for m1, m2 in INTRALAYER:  # exp(i G_j.r) raises G by G_j
            couple((layer, n1 + m1, n2 + m2), (layer, n1, n2), V * np.exp(1j * layer * psi))
        if layer == TOP:
            for m1, m2 in INTERLAYER:  # T(r)^* = w(1 + exp(i G_2.r) + exp(i G_3.r)) takes top to bottom
                couple((BOTTOM, n1 + m1, n2 + m2), (TOP, n1, n2), w)
    return matrix


def symmetries(model: KDotP) -> list[Symmetry]:
    """Those of one valley: C3, My T, and, without a displacement, exchange of the layers with k -> -k."""
    basis, momenta = plane_waves(model.reciprocal, model.parameters["shells"])
    layers = np.array([layer for layer, *_ in basis])

    def waves(name: str, layer: int = 1, sign: int = 1) -> Symmetry:
        """The operation that takes the wave of momentum p to that of its image (times `sign`), in that layer."""
        images = sign * momenta @ operation(name, orbital=np.eye(1)).space[:2, :2].T
        distance = np.linalg.norm(momenta[:, None] - images, axis=-1)
        same = (distance < 1e-9 * np.abs(momenta).max()) & (layers[:, None] == layer * layers)
        return operation(name, orbital=same.astype(float))

    My_T = waves("My", sign=-1) @ time_reversal(orbital=np.eye(len(basis)))
    P = waves("P", layer=-1)
    exchanging = (P, waves("S6", layer=-1), (P @ My_T).named("C2y T"))
    return [waves("C3"), My_T, *(one.broken(model.parameters["displacement"]) for one in exchanging)]
