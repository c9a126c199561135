"""Every named model has the symmetries that it declares, no others, and its operators transform as their labels say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cc_kernels.models import Model, TightBinding, build_model, model_names
from cc_kernels.models.base import BOSE
from cc_kernels.models.named import model_symmetries
from cc_kernels.models.paraunitary import norm_signs
from cc_kernels.models.symmetry import OPERATIONS, Symmetry, operation, turned
from tests.models.symmetry_table import ROUNDING, parameter_sets, random_k, size, title

CASES = parameter_sets()
NAMES = [title(*case) for case in CASES]
every_case = pytest.mark.parametrize(("name", "parameters"), CASES, ids=NAMES)

SIXTY = np.array([[0.5, -np.sqrt(0.75), 0], [np.sqrt(0.75), 0.5, 0], [0, 0, 1]])
PLACES = {  # where the point (x, y, z) goes; columns are the images of x, y, z
    "C2": np.diag([-1, -1, 1]),
    "C3": SIXTY @ SIXTY,
    "C4": np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1]]),
    "C6": SIXTY,
    "S4": np.array([[0, -1, 0], [1, 0, 0], [0, 0, -1]]),
    "S6": SIXTY * [1, 1, -1],
    "P": -np.eye(3),
    "C2x": np.diag([1, -1, -1]),
    "C2y": np.diag([-1, 1, -1]),
    "C2xy": np.array([[0, 1, 0], [1, 0, 0], [0, 0, -1]]),
    "Mx": np.diag([-1, 1, 1]),
    "My": np.diag([1, -1, 1]),
    "Mz": np.diag([1, 1, -1]),
    "Mxy": np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]]),
    "C3d": np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]]),
    "": np.eye(3),
}
ORDERS = {"C2": 2, "C3": 3, "C4": 4, "C6": 6}


def place(symmetry: Symmetry) -> str:
    """The name without time reversal."""
    return symmetry.name.removesuffix("'").removesuffix("T").removesuffix("C").strip()


def label(model: Model, name: str) -> np.ndarray:
    return model.operators[name].matrix


def winding_number(model: Model) -> int:
    return model.parameters.get("winding", 1)


def angular_momentum(model: Model) -> np.ndarray:
    """J about z, from the operators that the model names; 0 for states without one, on sites and in plane waves."""
    if model.statistics == BOSE:  # of magnons whose moments lie along z; the local axes of others turn with the sites
        names = [key for key in ("spin_z", "l_z") if key in model.operators and model.name != "kagome_afm"]
        return eta(model) @ sum((label(model, key) for key in names), np.zeros((model.num_bands, model.num_bands)))
    match model.name:
        case "rashba_square" | "rashba_continuum" | "rashba_dresselhaus":
            return winding_number(model) * label(model, "spin_z") / (2 * model.parameters["spin"])
        case "bhz":
            return label(model, "j_z")
        case "d_id_square" | "honeycomb_d_id":  # a pair has 2 hbar
            return label(model, "charge")
        case "p_ip_square":  # a pair has 1 hbar
            return -label(model, "charge") / 2
    return label(model, "spin_z") if "spin_z" in model.operators else np.zeros((model.num_bands, model.num_bands))


def eta(model: Model) -> np.ndarray:
    """1 of b, -1 of b^+."""
    return np.diag(-norm_signs(model.num_bands))


@every_case
def test_what_is_declared_holds_and_what_is_broken_is_broken(name: str, parameters: dict) -> None:
    """U H U^dagger = H at the image of k, to rounding; what breaks it leaves a residual of its own size.

    A hundredth: for a term in k^2 on the small box of hole_gas, and sines that six random k need not make large.
    """
    model = build_model(name, **parameters)
    declared = model_symmetries(model)
    k, scale = random_k(model), size(model)
    for one in declared:
        residual = one.residual(model, k)
        if one.holds:
            assert residual < ROUNDING * scale, one.name
        else:
            assert residual > max(0.01 * one.broken_by, 100 * ROUNDING * scale), one.name


@every_case
def test_names_and_spins(name: str, parameters: dict) -> None:
    """The name says where points go and whether time turns; a spin is an axial vector that time reversal turns round.

    A field of winding N has a spin that turns by N times the angle, after the mirror My, if there is one.
    """
    model = build_model(name, **parameters)
    declared = model_symmetries(model)
    assert len({one.name for one in declared}) == len(declared)
    winding, my = winding_number(model), PLACES["My"]
    for one in declared:
        space = PLACES[place(one)]
        np.testing.assert_allclose(one.space, space, atol=1e-15)
        assert one.antiunitary == (one.name.endswith(("T", "T'")) or one.name == "C")
        assert one.sign == (-1 if one.name == "C" else 1)
        spin = np.linalg.det(space) * space
        if winding != 1 and place(one) in ("C2", "C3", "C4", "C6", "Mx", "My", "Mxy"):
            mirrored = np.linalg.det(space) < 0
            turn = space @ my if mirrored else space
            spin = np.linalg.matrix_power(turn, winding) @ (-my if mirrored else np.eye(3))
        if one.name.endswith("'") and not one.antiunitary:
            spin = np.eye(3)
        if one.antiunitary:
            spin = spin @ (np.diag([1, 1, -1]) if one.name.endswith("'") else -np.eye(3))
        np.testing.assert_allclose(one.spin, spin, atol=1e-14)
        np.testing.assert_allclose(one.unitary @ one.unitary.conj().T, np.eye(model.num_bands), atol=1e-14)


@every_case
def test_operators_transform_as_their_labels_say(name: str, parameters: dict) -> None:
    model = build_model(name, **parameters)
    # relaxed moments: the rounding of a force over the softest stiffness, a hundredth of the exchange in jarosite
    rounding = 2e-13 if name == "kagome_afm" else 1e-14
    for one in model_symmetries(model):
        for key in model.operators:
            image, expected = one.act(label(model, key)), transformed(model, one, key)
            np.testing.assert_allclose(image, expected, atol=rounding, err_msg=f"{key} under {one.name}")


def transformed(model: Model, symmetry: Symmetry, key: str) -> np.ndarray:
    """U s U^dagger (or U s^* U^dagger) as the label asks for it."""
    s = label(model, key)
    if key in ("spin_x", "spin_y", "spin_z", "j_z", "l_z", "total"):  # e_a.s becomes (spin e_a).s
        column = symmetry.spin[:, 2 if key == "total" else "xyz".index(key[-1])]
        if key in ("j_z", "l_z", "total") or "spin_x" not in model.operators:
            assert not column[:2].any()
            return column[2] * s
        return sum(c * label(model, f"spin_{axis}") for c, axis in zip(column, "xyz", strict=True))
    if key == "charge":  # an operator of the Nambu form has the particle-hole symmetry of H
        return symmetry.sign * s
    if key == "spin":  # of (c_up, c_down^dagger), where every symmetry goes with the turn of the spin that keeps S_z
        return s
    if key == "sublattice":
        return -s if place(symmetry) in ("C2", "C6", "My") else s
    assert key == "layer"
    return -s if place(symmetry) in ("P", "S6", "C2y") else s


@every_case
def test_rotations_are_those_of_the_angular_momentum(name: str, parameters: dict) -> None:
    """U = exp(-2 pi i J/n) up to an exchange of sites (or waves), and with -J in place of J the symmetry is lost."""
    model = build_model(name, **parameters)
    J = angular_momentum(model)
    for one in model_symmetries(model):
        if one.name not in ORDERS:
            continue
        angle = 2 * np.pi / ORDERS[one.name]
        sites = one.unitary @ turned(J, -angle)
        assert set(np.round(sites, 13).ravel().tolist()) == {0, 1}
        assert (np.round(sites.real).sum(axis=0) == 1).all()
        other_sense = replace(one, unitary=sites @ turned(J, -angle))
        twice = np.linalg.eigvals(turned(J, 2 * angle))
        if one.holds and np.ptp(twice.real) + np.ptp(twice.imag) > 1e-9 and coupled(model):
            assert other_sense.residual(model, random_k(model)) > 0.01 * coupled(model)


def coupled(model: Model) -> float:
    """The size of the terms (eV) that tie the spin, or the phase of a pair, to k, at the smallest; 0 without any."""
    p = model.parameters
    terms = {
        "bhz": ("A",),
        "bismuth_selenide": ("A2",),
        "kane_mele": ("lambda_r",),
        "massive_dirac": ("v",),
        "honeycomb_d_id": ("pairing",),
        "p_ip_square": ("d",),
        "kitaev_magnet": ("K",),
        "phonon_honeycomb": ("KL",),
        "magnon_phonon": ("w_ph",),
    }
    keys = terms.get(model.name, ("alpha",) if "alpha" in p else ())
    k_max = 1.0 if model.k_max is None else model.k_max
    return min((abs(p[key]) / p.get("a", 1.0) for key in keys), default=0.0) * min(1.0, k_max ** winding_number(model))


def has_any_unitary(model: Model, image: np.ndarray, antiunitary: bool, sign: int) -> bool:
    """Is there any constant unitary U with U H(k) = sign H(image k) U, H^* on the left for an antiunitary one?

    The equation is linear in U: its solutions are the null space of one matrix for all k. If one solution has an
    inverse, its unitary part (polar decomposition) is a solution, too.
    """
    k, nb = random_k(model, 5), model.num_bands
    before, after = model.hamiltonian(k), sign * model.hamiltonian(k @ image.T)
    before = before.conj() if antiunitary else before
    one = np.eye(nb)
    rows = [np.kron(one, H.T) - np.kron(there, one) for H, there in zip(before, after, strict=True)]
    if model.statistics == BOSE:  # (b, b^+) has to stay one: U eta = eta U, which particle-hole exchange is not
        rows.append(np.abs(before).max() * (np.kron(one, eta(model)) - np.kron(eta(model), one)))
    _, values, vectors = np.linalg.svd(np.concatenate(rows), full_matrices=False)
    # a true solution leaves rounding, any other the square of a small symmetry-breaking term at the least
    null = vectors[values < 1e-9 * values.max()].conj().reshape(-1, nb, nb)
    if not len(null):
        return False
    some = np.tensordot(np.random.default_rng(8).normal(size=len(null)), null, 1)
    singular = np.linalg.svd(some, compute_uv=False)
    return bool(singular.min() > 1e-6 * singular.max())


@every_case
def test_no_symmetry_is_forgotten(name: str, parameters: dict) -> None:
    """Any turn or mirror that some U makes a symmetry, with or without time reversal, is declared, and no other is."""
    model = build_model(name, **parameters)
    declared, dim = model_symmetries(model), model.dim
    candidates = [*ORDERS, "Mx", "My", "Mxy"] if dim == 2 else [*OPERATIONS]
    wanted = [(PLACES[key], antiunitary, 1) for key in candidates for antiunitary in (False, True)]
    wanted.append((np.eye(3), True, 1))  # time reversal
    if model.is_superconductor:
        wanted.append((np.eye(3), True, -1))
    for space, antiunitary, sign in wanted:
        image = (-1 if antiunitary else 1) * space[:dim, :dim]
        stated = any(
            one.holds
            and (one.antiunitary, one.sign) == (antiunitary, sign)
            and np.allclose(one.space[:dim, :dim], space[:dim, :dim])
            for one in declared
        )
        assert has_any_unitary(model, image, antiunitary, sign) == stated, (space, antiunitary, sign)


def test_every_model_declares_something() -> None:
    for name in model_names():
        declared = model_symmetries(build_model(name, **({"shells": 2} if name == "twisted_tmd" else {})))
        assert any(one.holds for one in declared), name
        assert {one.name for one in declared} >= {"C"} or not build_model(name).is_superconductor


def test_a_model_of_the_wrong_sense_is_noticed() -> None:
    """E1+ and H1+ coupled by A k_- (ky -> -ky): the fourfold rotation, and what follows from it, is lost."""
    model = build_model("bhz", delta0=0.0)
    mirrored = TightBinding(model.lattice, model.R * [1, -1], model.hoppings, operators=model.operators)
    C4 = next(one for one in model_symmetries(model) if one.name == "C4")
    k = random_k(model)
    assert C4.residual(model, k) < ROUNDING * size(model)
    assert C4.residual(mirrored, k) > 0.1 * model.parameters["A"] / model.parameters["a"]


def test_operations_of_space() -> None:
    for name in OPERATIONS:
        np.testing.assert_allclose(operation(name, orbital=np.eye(1)).space, PLACES[name], atol=1e-15)
