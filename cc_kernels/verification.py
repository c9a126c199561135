"""The key numbers of the paper, recomputed and compared with tracked ones and with the exact answers.

`make verify` prints the table. `python -m cc_kernels.verification --write config/reference.yaml` renews the tracked
numbers, after a change that is meant to change them.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
import yaml

from cc_kernels.errors import InputError
from cc_kernels.files import replacing

REPRODUCIBLE = 1e-10
"""Two machines may differ by the rounding of their linear algebra, relative to the larger of 1 and the number."""


@dataclass(frozen=True)
class Number:
    """A key number: what it is, its exact value, how close a finite grid comes, and how it is computed."""

    name: str
    text: str
    exact: float
    tolerance: float
    compute: Callable[[], float]


def key_numbers() -> list[Number]:
    """Every number of the table; computing all takes about a minute."""
    return [
        *_rashba("lattice", "rashba_square", {}, 1.0, 1024, 1),
        *_rashba("continuum", "rashba_continuum", {"k_max": 3.0}, 1.0, 1024, 1),
        *_rashba(
            "cubic_continuum",
            "rashba_continuum",
            {"alpha": 0.05, "winding": 3, "spin": 1.5, "k_max": 3.0},
            0.3,
            1024,
            9,
        ),
        Number("kane_mele_hall", "2 pi sigma_hall_xy in the gap, lambda_r = 0", 1, 1e-8, _kane_mele),
        Number(
            "equilibrium_net_current",
            "net current / scale (Eq. 5), Rashba with in-plane field, 600 K",
            0,
            1e-12,
            _net_current,
        ),
        *_d_id(),
        Number("p_ip_thermal_hall", "|thermal Hall|/T of a spinless p+ip at 50 K (pi^2 k_B^2/3h)", 0.5, 1e-8, _p_ip),
        Number(
            "haldane_doubling",
            "magnetization of the Haldane superconductor at pairing 0 / normal one",
            2,
            1e-8,
            _haldane,
        ),
    ]


def verify(path: str | Path, out: TextIO) -> int:
    """Print the table; 0 if every number agrees with its exact and its tracked value, else 1."""
    tracked = _tracked(path)
    wrong = 0
    header = f"{'number':32s} {'computed':>22s} {'exact':>8s} {'error':>9s} {'allowed':>9s} {'to tracked':>11s}"
    print(header, file=out)
    for number in key_numbers():
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # what they warn of is compared here
            value = number.compute()
        error = abs(value - number.exact)
        difference = abs(value - tracked.get(number.name, np.nan))
        good = error <= number.tolerance and difference <= REPRODUCIBLE * max(1.0, abs(value))
        wrong += not good
        row = f"{number.name:32s} {value:22.15g} {number.exact:8g} {error:9.1e} {number.tolerance:9.1e}"
        print(f"{row} {difference:11.1e}", "" if good else "  DISAGREES", file=out, flush=True)
    print("all numbers agree" if not wrong else f"{wrong} number(s) disagree", file=out)
    return int(bool(wrong))


def write(path: str | Path, numbers: Iterable[Number]) -> None:
    """Write the tracked file."""
    lines = ["# The numbers of `make verify`, as this version computes them; written by cc_kernels.verification."]
    for number in numbers:
        lines += [f"{number.name}:  # {number.text}; exact: {number.exact:g}", f"  {number.compute()!r}"]
    with replacing(Path(path)) as partial:
        partial.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _tracked(path: str | Path) -> dict[str, float]:
    try:
        return dict(yaml.safe_load(Path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, yaml.YAMLError) as error:
        raise InputError(str(path), type(error).__name__, "the tracked numbers, name: value") from None


def _rashba(label: str, model: str, parameters: dict[str, float], mu: float, grid: int, charge: int) -> list[Number]:
    """sigma_xy of the null result: its intrinsic value is -charge e/8pi, its Hall part vanishes."""
    from cc_kernels.models import build_model
    from cc_kernels.responses.api import transport

    cache: dict[str, float] = {}

    def sigma(name: str) -> float:
        if not cache:
            # 300 K suffices at mu = 1 in the continuum; at mu = 0.3 the tail of f at the crossing would show.
            temperature = 300 if label == "continuum" else 100
            result = transport(
                build_model(model, **parameters), operator="spin_z", grid=grid, mu=mu, temperature=temperature
            )
            for key in ("sigma_intrinsic", "sigma_hall", "sigma_conventional"):
                cache[key] = float(result[key].sel(i="x", l="y").squeeze()) * 8 * np.pi
        return cache[name]

    def number(kind: str, exact: float, tolerance: float) -> Number:
        return Number(
            f"rashba_{label}_{kind}", f"sigma_{kind}_xy in e/8pi", exact, tolerance, lambda: sigma(f"sigma_{kind}")
        )

    numbers = [number("intrinsic", -charge, 1e-6 * charge), number("hall", 0, 1e-14)]
    if label == "continuum":
        numbers.append(number("conventional", 1, 1e-6))
    return numbers


def _kane_mele() -> float:
    from cc_kernels.models import build_model
    from cc_kernels.responses.api import transport

    result = transport(build_model("kane_mele", lambda_r=0), operator="spin_z", grid=128, mu=0.0, temperature=100)
    return float(result.sigma_hall.sel(i="x", l="y").squeeze()) * 2 * np.pi


def _net_current() -> float:
    from cc_kernels.models import build_model
    from cc_kernels.responses.api import equilibrium

    result = equilibrium(
        build_model("rashba_square", bx=0.2, by=0.1), operator="spin_y", grid=512, mu=1.0, temperature=600
    )
    return float((abs(result.net_current).max() / result.net_current_scale).squeeze())


def _d_id() -> list[Number]:
    from cc_kernels.models import build_model
    from cc_kernels.responses.api import superconductor

    cache: list = []

    def result():
        if not cache:
            cache.append(superconductor(build_model("d_id_square"), grid=256, temperature=[50, 100, 300, 1500]))
        return cache[0]

    def at(name: str, temperature: float) -> float:
        return abs(float(result()[name].sel(temperature=temperature)))

    return [
        Number(
            "d_id_spin_hall",
            "|spin Hall conductance| at 100 K (hbar/8pi)",
            2,
            1e-8,
            lambda: at("spin_hall_conductance", 100),
        ),
        Number(
            "d_id_thermal_hall",
            "|thermal Hall|/T at 100 K (pi^2 k_B^2/3h)",
            2,
            1e-8,
            lambda: at("thermal_hall_over_T", 100),
        ),
        Number("d_id_chern", "|Chern number|", 2, 1e-8, lambda: abs(float(result().chern_number))),
        *(
            Number(f"d_id_magnetization_{T}K", "|sum of the parts| (eV)", 0, 1e-12, lambda T=T: at("magnetization", T))
            for T in (50, 300, 1500)
        ),
    ]


def _p_ip() -> float:
    from cc_kernels.models import build_model
    from cc_kernels.responses.api import superconductor

    return abs(
        float(superconductor(build_model("p_ip_square"), grid=256, temperature=50).thermal_hall_over_T.squeeze())
    )


def _haldane() -> float:
    from cc_kernels.models import build_model
    from cc_kernels.responses.api import equilibrium, superconductor

    mu = -0.5
    paired = superconductor(
        build_model("haldane_superconductor", mu=mu, pairing=0), grid=256, temperature=1500
    ).magnetization
    normal = equilibrium(build_model("haldane"), operator="charge", grid=256, mu=mu, temperature=1500).magnetization
    return float(paired.squeeze() / normal.squeeze())


if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"] and len(sys.argv) == 3:
        write(sys.argv[2], key_numbers())
    else:
        sys.exit("usage: python -m cc_kernels.verification --write FILE")
