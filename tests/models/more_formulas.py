"""The further models once more, as straight transcriptions of their formulas in k space, and parameters to try."""

from __future__ import annotations

import numpy as np

I2 = np.eye(2)
SX, SY, SZ = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
A1, A2 = np.array([1, 0]), np.array([1 / 2, np.sqrt(3) / 2])
cos, sin, pi, kron = np.cos, np.sin, np.pi, np.kron


def field(h: complex, z: float = 0.0) -> np.ndarray:
    return h.real * SX + h.imag * SY + z * SZ


def square(k, t):
    return 2 * t * (2 - cos(k[0]) - cos(k[1])) * I2


def rashba_dresselhaus(k, t=1.0, alpha=0.5, beta=0.2):
    x, y = sin(k)
    return square(k, t) + field(-1j * alpha * (x + 1j * y) + beta * (x - 1j * y))  # windings +1 and -1


def spin_three_halves() -> list[np.ndarray]:
    m = np.array([1.5, 0.5, -0.5, -1.5])
    plus = np.array([[np.sqrt(3.75 - b * (b + 1)) * (a == b + 1) for b in m] for a in m])
    return [(plus + plus.T) / 2, (plus - plus.T) / 2j, np.diag(m)]


def hole_gas(k, gamma1=6.98, gamma2=2.06, gamma3=2.93, alpha=0.05, width=100.0):
    """The matrix of Luttinger and Kohn, with P, Q, L, M written out, and kz -> 0, kz^2 -> (pi/width)^2."""
    kx, ky = k
    kz2, unit = (pi / width) ** 2, 3.80998212
    P = gamma1 * (kx**2 + ky**2 + kz2)
    Q = gamma2 * (kx**2 + ky**2 - 2 * kz2)
    R = np.sqrt(3) * (-gamma2 * (kx**2 - ky**2) + 2j * gamma3 * kx * ky)
    luttinger = np.diag([P + Q, P - Q, P - Q, P + Q]).astype(complex)
    luttinger[0, 2] = luttinger[1, 3] = R
    luttinger[2, 0] = luttinger[3, 1] = np.conj(R)
    Jx, Jy, _ = spin_three_halves()
    return unit * luttinger + alpha * (ky * Jx - kx * Jy)


def bhz(k, A=3.65, B=-68.6, D=-51.2, M=-0.01, delta0=0.0016, a=20.0):
    def block(kx, ky):
        K = 2 * (2 - cos(kx * a) - cos(ky * a)) / a**2
        return -D * K * I2 + A / a * (sin(kx * a) * SX - sin(ky * a) * SY) + (M - B * K) * SZ

    asymmetry = delta0 * np.array([[0, 0, 0, -1], [0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0]])
    return kron(np.diag([1, 0]), block(*k)) + kron(np.diag([0, 1]), block(*-k).conj()) + asymmetry


def altermagnet_rashba(k, t=1.0, alpha=0.4, J=0.3, theta=0.0, phi=0.0, bx=0.0, by=0.0, bz=0.0):
    x, y = sin(k)
    n = sin(theta) * (cos(phi) * SX + sin(phi) * SY) + cos(theta) * SZ
    exchange = J * (cos(k[0]) - cos(k[1])) * n
    return square(k, t) + field(-1j * alpha * (x + 1j * y) + bx + 1j * by, bz) + exchange


def bismuth_selenide(
    k, M=0.28, A1=2.2, A2=4.1, B1=10.0, B2=56.6, C=-0.0068, D1=1.3, D2=19.6, a=4.14, c=9.55
):  # the matrix of Zhang et al. 2009
    x, y, z = sin(k[0] * a) / a, sin(k[1] * a) / a, sin(k[2] * c) / c
    kk, zz = 2 * (2 - cos(k[0] * a) - cos(k[1] * a)) / a**2, 2 * (1 - cos(k[2] * c)) / c**2
    m, plus = M - B1 * zz - B2 * kk, A2 * (x + 1j * y)
    minus = np.conj(plus)
    matrix = [[m, A1 * z, 0, minus], [A1 * z, -m, minus, 0], [0, plus, m, -A1 * z], [plus, 0, -A1 * z, -m]]
    return (C + D1 * zz + D2 * kk) * np.eye(4) + np.array(matrix)


def honeycomb_d_id(k, t=1.0, mu=-0.8, pairing=0.4):
    bonds = [(A1 + A2) / 3 + R for R in (0 * A1, -A1, -A2)]  # from A to B
    phases = np.exp(1j * np.array(bonds) @ k)
    d_id = pairing * np.exp(2j * pi / 3 * np.arange(3))
    xi = np.array([[-mu, -t * phases.sum()], [-t * phases.conj().sum(), -mu]])
    gap = np.array([[0, d_id @ phases], [d_id @ phases.conj(), 0]])
    return np.block([[xi, gap], [gap.conj().T, -xi]])  # h(-k)^* = h(k)


def kagome_superconductor(k, t=1.0, phi=pi / 6, mu=-2.0, pairing=0.3):
    def normal(k):
        hops = [-2 * t * np.exp(1j * phi) * cos(k @ bond / 2) for bond in (A1, A2 - A1, -A2)]
        upper = np.array([[0, hops[0], 0], [0, 0, hops[1]], [hops[2], 0, 0]])
        return upper + upper.conj().T - mu * np.eye(3)

    gap = pairing * np.eye(3)
    return np.block([[normal(k), gap], [gap, -normal(-k).conj()]])


def spin_orbit_superconductor(k, t=1.0, alpha=0.5, mu=1.0, pairing=0.2, bx=0.3, by=0.0, bz=0.0):
    def normal(k):
        return altermagnet_rashba(k, t, alpha, 0, bx=bx, by=by, bz=bz) - mu * I2

    gap = pairing * 1j * SY
    return np.block([[normal(k), gap], [gap.conj().T, -normal(-k).conj()]])


ALTERMAGNET = {"theta": 0.7, "phi": 0.4, "bx": 0.1, "by": -0.2, "bz": 0.15}
SOFT_BHZ = {"A": 1.0, "B": -1.0, "D": -0.3, "delta0": 0.2, "a": 1.0}
SOFT_CRYSTAL = {
    "M": 0.5,
    "A1": 0.8,
    "A2": 0.7,
    "B1": 0.6,
    "B2": 0.5,
    "C": 0.1,
    "D1": 0.1,
    "D2": 0.2,
    "a": 1.0,
    "c": 1.2,
}
CASES = [
    (rashba_dresselhaus, {}),
    (rashba_dresselhaus, {"t": 0.7, "alpha": -0.2, "beta": 0.6}),
    (hole_gas, {}),
    (hole_gas, {"gamma1": 13.0, "gamma2": 4.5, "gamma3": 5.6, "alpha": 0.2, "width": 60.0}),
    (bhz, {}),
    (bhz, {**SOFT_BHZ, "M": 0.4}),
    (altermagnet_rashba, {}),
    (altermagnet_rashba, {"t": 0.8, "alpha": 0.2, "J": -0.4, **ALTERMAGNET}),
    (bismuth_selenide, {}),
    (bismuth_selenide, SOFT_CRYSTAL),
    (honeycomb_d_id, {}),
    (honeycomb_d_id, {"t": 1.2, "mu": 0.3, "pairing": 0.2}),
    (kagome_superconductor, {}),
    (kagome_superconductor, {"t": -0.8, "phi": 0.3, "mu": 0.2, "pairing": 0.5}),
    (spin_orbit_superconductor, {}),
    (spin_orbit_superconductor, {"t": 0.9, "alpha": 0.3, "mu": 0.5, "pairing": 0.4, "bx": 0.1, "by": 0.2, "bz": -0.1}),
]
