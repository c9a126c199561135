"""`python -m tests.models.symmetry_table`: what every named model declares, with the residual of each."""

from __future__ import annotations

import numpy as np

from cc_kernels.models import Model, build_model, model_names
from cc_kernels.models.base import BOSE
from cc_kernels.models.named import model_symmetries
from cc_kernels.models.symmetry import OPERATIONS

# k.R, up to 10, is rounded by eps times its size, and so is every term; the terms are up to ten times H itself
ROUNDING = 5e-14

SPECIAL = [
    ("rashba_square", {"bz": 0.3}),
    ("rashba_square", {"bx": 0.3}),
    ("rashba_square", {"winding": 2, "by": 0.2}),
    ("rashba_square", {"winding": 3, "spin": 1.5}),
    ("rashba_square", {"winding": 4}),
    ("rashba_continuum", {"winding": 2, "alpha": 0.2, "bz": 0.1}),
    ("rashba_continuum", {"winding": 3, "alpha": 0.05, "spin": 1.5}),
    ("rashba_dresselhaus", {"beta": 0.0}),
    ("rashba_dresselhaus", {"alpha": 0.0}),
    ("altermagnet_rashba", {"J": 0.0}),
    ("altermagnet_rashba", {"theta": np.pi / 2}),
    ("altermagnet_rashba", {"theta": np.pi / 2, "phi": np.pi / 4}),
    ("altermagnet_rashba", {"bz": 0.2}),
    ("massive_dirac", {"mass": 0.0}),
    ("hole_gas", {"gamma2": 2.5, "gamma3": 2.5}),
    ("hole_gas", {"alpha": 0.0}),
    ("bhz", {"delta0": 0.0}),
    ("bismuth_selenide", {"A1": 2.2, "A2": 2.2, "B1": 10.0, "B2": 10.0, "D1": 1.3, "D2": 1.3, "a": 4.0, "c": 4.0}),
    ("haldane", {"delta": 0.0}),
    ("haldane", {"phi": 0.0}),
    ("kane_mele", {"lambda_v": 0.0}),
    ("kane_mele", {"lambda_r": 0.0}),
    ("kane_mele", {"lambda_r": 0.0, "lambda_v": 0.0}),
    ("d_id_square", {"d2": 0.0}),
    ("d_id_square", {"d1": 0.0}),
    ("haldane_superconductor", {"delta": 0.0}),
    ("kagome_superconductor", {"phi": 0.0}),
    ("spin_orbit_superconductor", {"bx": 0.0}),
    ("spin_orbit_superconductor", {"bx": 0.2, "bz": 0.1}),
    ("kagome_afm", {"S": 1.0, "J1": 1e-3, "J2": 1e-4, "Dp": 6e-4, "Dz": -1e-4}),
    ("kagome_afm", {"Dp": -1.97e-4}),
    ("honeycomb_magnet", {"order": "ferro", "J1": -1e-3, "J2": 0.0, "J3": 0.0, "D": 1e-4, "K": 5e-5, "S": 1.5}),
    ("kitaev_magnet", {"field": 1e-3, "Gamma": -2e-3}),
    ("phonon_square", {"h": 0.1}),
    ("phonon_honeycomb", {"h": 0.0}),
    ("phonon_honeycomb", {"mB": 1.0}),
    ("phonon_honeycomb", {"mB": 1.0, "h": 0.0}),
    ("rashba_bfs", {"bx": 0.0}),
    ("twisted_tmd", {"displacement": 0.005, "shells": 2}),
]
"""Parameters at which a model has more symmetries than at others, or fewer."""

POSITIVE = {"a", "c", "a0", "mass", "width", "k_max"}


def title(name: str, parameters: dict) -> str:
    """A model and its parameters in a line."""
    texts = {key: value if isinstance(value, str) else f"{value:.3g}" for key, value in parameters.items()}
    return ", ".join([name, *(f"{key}={text}" for key, text in texts.items())])


def random_parameters(name: str, seed: int) -> dict[str, float]:
    """Return parameters of the size of the defaults, with any signs; what is 0 by default is finite.

    Of bosons near the defaults, where their state is stable.
    """
    rng = np.random.default_rng([seed, *name.encode()])
    result: dict[str, float] = {}
    model = build_model(name)
    if model.statistics == BOSE:
        numbers = {key: value for key, value in model.parameters.items() if value and not isinstance(value, str)}
        spins = {"S": float(rng.integers(2, 6)) / 2} if "S" in numbers else {"SA": 1.5, "SB": 1.0}
        return {key: value * rng.uniform(0.9, 1.1) for key, value in numbers.items()} | {
            key: spin for key, spin in spins.items() if key in numbers
        }
    for key, default in model.parameters.items():
        scaled = (default or 0.3) * rng.uniform(0.7, 1.4)
        if key == "winding":
            result[key] = int(rng.integers(1, 5))
        elif key == "spin":
            result[key] = float(rng.choice([0.5, 1.5]))
        elif key == "shells":
            result[key] = 2
        elif key in ("k_max", "alpha") and name == "rashba_continuum":
            result[key] = {"k_max": 1.0, "alpha": 0.15}[key]  # below the turning point of every winding
        elif key.startswith("gamma") or (name, key) == ("twisted_tmd", "theta"):
            result[key] = default * rng.uniform(0.95, 1.05)
        else:
            result[key] = scaled if key in POSITIVE else scaled * rng.choice([-1, 1])
    return result


def parameter_sets() -> list[tuple[str, dict[str, float]]]:
    """Return (name, parameters) of all the cases: defaults, special ones, and three random sets of every model."""
    names = model_names()
    defaults = [(name, {"shells": 2} if name == "twisted_tmd" else {}) for name in names]
    return [*defaults, *SPECIAL, *((name, random_parameters(name, seed)) for name in names for seed in range(3))]


def random_k(model: Model, number: int = 6) -> np.ndarray:
    """Return k (number, dim) in the zone; of plane waves, in a circle within the first zone, which every turn keeps."""
    rng = np.random.default_rng(7)
    if model.reciprocal is None:
        return rng.uniform(-1, 1, (number, model.dim)) * model.k_max
    half = 0.5 if model.positions is not None else 0.25
    return rng.uniform(-half, half, (number, model.dim)) @ model.reciprocal


def size(model: Model) -> float:
    """The largest element of H, eV."""
    return float(np.abs(model.hamiltonian(random_k(model))).max())


def table() -> str:
    """Residuals relative to H, in brackets of what the parameters break; a dot where the model names no such operation.

    Three tables: operations of space and particle-hole symmetry C; with time reversal T; with T' of an even winding.
    """
    rows = {}
    for name, parameters in parameter_sets()[: len(model_names()) + len(SPECIAL)]:
        model = build_model(name, **parameters)
        row = rows[title(name, parameters)] = {}
        for one in model_symmetries(model):
            residual = f"{one.residual(model, random_k(model)) / size(model):.0e}"
            row[one.name] = residual if one.holds else f"({residual})"
    lines, width = [], max(map(len, rows))
    for columns in (
        ["C", *OPERATIONS],
        ["T", *(f"{name} T" for name in OPERATIONS)],
        ["T'", *(f"{name} T'" for name in OPERATIONS)],
    ):
        used = [column for column in columns if any(column in row for row in rows.values())]
        lines.append(" ".join([" " * width, *(f"{column:>7}" for column in used)]))
        for label, row in sorted(rows.items()):
            if any(column in row for column in used):
                lines.append(" ".join([label.ljust(width), *(f"{row.get(column, '.'):>7}" for column in used)]))
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
