"""Every public function, called as it should be but for one argument or two."""

from __future__ import annotations

import random
import tempfile
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import dask
import numpy as np
import xarray as xr

import cc_kernels as cc
from cc_kernels.configuration import load_configuration
from cc_kernels.io import read_attributes, stream_dataset, write_dataset
from cc_kernels.models import load_from_python
from cc_kernels.models.storage import load_models, save_models
from cc_kernels.plotting.render import render
from cc_kernels.plotting.study_result import StudyResult
from tests.workflow.fuzz.outcomes import Case
from tests.workflow.fuzz.pool import OBJECTS, is_absurd, one_of, text_of

PATHS = (
    "",
    "\0",
    "a" * 300,
    "absent/a.nc",
    ".",
    "/dev/null",
    "/dev/zero",
    "/proc/version",
    "fifo",
    "dangling",
    "a" * 245,
    "/",
    "é.nc",
)
FREE = {"path", "stem", "name", "description", "parameters", "attrs", "kind", "results", "study"}
"""Arguments in which any number, or text, may be meant."""


def chain(k: np.ndarray) -> np.ndarray:
    return (2 - 2 * np.cos(k))[:, :, None] * np.eye(1)


def parabola(k: np.ndarray) -> np.ndarray:
    return (k**2).sum(-1)[:, None, None] * np.eye(1)


FUNCTIONS = (
    *(
        len,
        lambda: 0,
        lambda k: k,
        lambda k: np.nan,
        lambda k: 1 / 0,
        lambda k: np.zeros((len(k), 2, 3)),
        np.linalg.eigh,
    ),
    *(lambda k: np.full((len(k), 1, 1), np.inf), lambda k: np.ma.masked_all((len(k), 1, 1)), lambda k: object()),
    *(
        lambda k: np.zeros((len(k), k.shape[1], 1, 1)),
        lambda k: 1j * chain(k),
        lambda k: np.random.default_rng().random((len(k), 1, 1)),
    ),
    *(lambda k: exit(), lambda k: 1e30 * chain(k), chain, parabola),
)
"""In the place of h(k), of v(k), of V(q)."""


def goods() -> dict[str, tuple[Callable, dict[str, object]]]:
    """Each function with arguments that it takes; small, for every case computes with those that it leaves."""
    dask.config.set(scheduler="synchronous")  # a fork has only the thread that makes it
    rashba, haldane, pairs = (cc.build_model(name) for name in ("rashba_square", "haldane", "d_id_square"))
    dirac = cc.build_model("massive_dirac")
    at = {"mu": 0.5, "temperature": 3000.0}
    on = {"operator": "spin_z", "grid": 8, "shift": 0.0, "degeneracy_tolerance": None, "symmetry": "auto", "chunks": 50}
    mesh = cc.EnergyMesh.covering(0.5, 3000.0)
    bands = cc.band_geometry(rashba, operator="spin_z", grid=4).load()
    sums = cc.accumulate(bands, ["velocity"], mesh)
    halves = [KGrid.shard(n, 2) for KGrid in [cc.KGrid.of(rashba, 4)] for n in range(2)]
    parts = [
        cc.accumulate(cc.band_geometry(rashba, operator="spin_z", grid=half), ["velocity"], mesh) for half in halves
    ]
    levels = [cc.transport(rashba, operator="spin_z", grid=n, **at) for n in (4, 8, 16)]
    verdict = cc.judge(levels, 0.1)
    square = cc.TightBinding(np.eye(2), [[0, 0]], [np.eye(1)])
    _at_rest(rashba, haldane, pairs, dirac)
    folder = Path(tempfile.mkdtemp())
    render("rashba_null", [StudyResult("a", levels[-1], verdict, levels)], folder / "figure")
    for name, kind, data in (
        ("sums", "sums", sums),
        ("responses", "responses", levels[-1]),
        ("verdict", "verdict", verdict),
    ):
        write_dataset(data, folder / f"{name}.nc", kind=kind)
    boson = cc.bosons([[1.0]], [[0]], [[[1.0]]], operators={"s": np.eye(1)})
    cc.save_model(rashba, folder / "model.nc")
    save_models([rashba], folder / "models.nc", {"a": 1})
    kinds = tuple(str(path) for path in folder.glob("*.nc"))
    table = {
        "build_model": (partial(cc.build_model, "rashba_square"), {"t": 1.0, "alpha": 0.5, "winding": 1, "bz": 0.1}),
        "build_model of a continuum": (
            partial(cc.build_model, "rashba_continuum"),
            {"mass": 1.0, "winding": 1, "k_max": 5.0},
        ),
        "build_model of a name": (cc.build_model, {"name": "haldane"}),
        "build_model of a magnet": (
            partial(cc.build_model, "honeycomb_magnet"),
            {"J1": 1e-3, "D": 1e-4, "S": 1.0, "order": "neel"},
        ),
        "save_model": (cc.save_model, {"model": rashba, "path": "a.nc"}),
        "load_model": (cc.load_model, {"path": kinds}),
        "load_models": (load_models, {"path": kinds}),
        "load_from_python": (load_from_python, {"path": "mine.py", "function": "build"}),
        "load_configuration": (load_configuration, {"path": "a.yaml"}),
        "read_dataset": (cc.read_dataset, {"path": kinds, "kind": "sums"}),
        "read_attributes": (read_attributes, {"path": kinds, "kind": "sums"}),
        "write_dataset": (write_dataset, {"ds": sums, "path": "a.nc", "attrs": None, "kind": "sums"}),
        "stream_dataset": (stream_dataset, {"ds": sums, "path": "a.nc"}),
        "from_function": (
            cc.from_function,
            {
                "h": chain,
                "dim": 1,
                "lattice": [[1.0]],
                "operators": {"s": np.eye(1)},
                "positions": [[0.0]],
                "degeneracy_tolerance": 1e-6,
            },
        ),
        "from_function in a box": (
            cc.from_function,
            {
                "h": parabola,
                "dim": 2,
                "k_max": 2.0,
                "operators": {"s": np.eye(1)},
                "velocity": lambda k: 2 * k[:, :, None, None],
            },
        ),
        "TightBinding": (
            cc.TightBinding,
            {"lattice": [[1.0]], "R": [[0], [1], [-1]], "hoppings": [np.eye(2)] * 3, "positions": [[0.0], [0.0]]}
            | {
                "operators": {"s": np.eye(2)},
                "position_matrices": np.zeros((3, 1, 2, 2)),
                "particle_hole_copies": 1,
                "degeneracy_tolerance": 1e-6,
            },
        ),
        "KDotP": (
            cc.KDotP,
            {"powers": [[0], [2]], "matrices": [np.eye(1)] * 2, "k_max": 2.0, "operators": {"s": np.eye(1)}},
        ),
        "Hoppings": (cc.Hoppings, {"lattice": np.eye(2), "num_bands": 2, "positions": [[0, 0], [0, 0.5]]}),
        "hop": (_hop, {"i": 0, "j": 1, "R": (1, 0), "value": 0.5}),
        "onsite": (_onsite, {"i": 0, "value": 0.5}),
        "nambu": (
            cc.nambu,
            {
                "normal": square,
                "pairing": {(0, 0): np.eye(1)},
                "mu": 0.1,
                "operators": {"charge": (np.diag([1, -1]), "e")},
                "particle_hole_copies": 1,
            },
        ),
        "bosons": (
            cc.bosons,
            {"lattice": [[1.0]], "R": [[0], [1], [-1]], "normal": [[[2.0]], [[-0.5]], [[-0.5]]]}
            | {"anomalous": [[[0.5]], [[0.0]], [[0.0]]], "positions": [[0.0]], "operators": {"s": np.eye(1)}},
        ),
        "spin_waves": (
            cc.spin_waves,
            {"lattice": [[1.0]], "sites": [[0.0]], "moments": [[0, 0, 1.5]], "bonds": [(0, 0, (1,), -np.eye(3))]}
            | {"fields": [0, 0, -0.1], "anisotropy": np.zeros((3, 3)), "relax": True},
        ),
        "spin_waves of a bond": (
            lambda **bond: cc.spin_waves([[1.0]], [[0.0]], [[0, 0, 1.5]], [tuple(bond.values())]),
            {"i": 0, "j": 0, "R": (1,), "J": -1.0},
        ),
        "exchange": (cc.exchange, {"heisenberg": 1.0, "dzyaloshinskii_moriya": [0, 0, 0.1]}),
        "springs": (
            cc.springs,
            {"lattice": [[1.0]], "positions": [[0.0]], "bonds": [(0, 0, (1,), 1.0, 0.5)], "components": 2, "pin": 0.1},
        ),
        "springs of a bond": (
            lambda **bond: cc.springs([[1.0]], [[0.0]], [tuple(bond.values())]),
            {"i": 0, "j": 0, "R": (1,), "K_L": 1.0, "K_T": 0.5},
        ),
        "phonons": (
            cc.phonons,
            {"lattice": [[1.0]], "positions": [[0.0]], "masses": [1.0], "R": [[0]], "lorentz": 0.1, "reference": 1.0}
            | {"force_constants": np.eye(2)[None, None, None]},
        ),
        "couple_bosons": (
            cc.couple_bosons,
            {"first": boson, "second": boson, "R": [[0]], "normal": [[[0.1]]], "anomalous": [[[0.1]]]},
        ),
        "KGrid.of": (cc.KGrid.of, {"model": rashba, "grid": 8, "shift": 0.5, "only_new": True, "coarse_shift": 0.25}),
        "shard": (cc.KGrid.of(rashba, 8).shard, {"index": 0, "shards": 2}),
        "EnergyMesh.covering": (cc.EnergyMesh.covering, at),
        "band_geometry": (
            lambda **arguments: cc.band_geometry(**arguments).load(),
            {"model": rashba, **on, "kpoints": None, "bands": [0], "quantities": ["velocity"], "near_pairs": 0.0},
        ),
        "band_geometry of points": (
            lambda **arguments: cc.band_geometry(**arguments).load(),
            {"model": rashba, "operator": "spin_z", "kpoints": [[0.0, 0.1]], "quantities": ["velocity"]},
        ),
        "accumulate": (cc.accumulate, {"chunk": bands, "quantities": ["velocity"], "mesh": mesh}),
        "merge": (cc.merge, {"parts": parts}),
        "evaluate": (cc.evaluate, {"sums": sums, "what": None, **at}),
        "evaluate by name": (
            cc.evaluate,
            {"sums": sums, "what": "transport", **at, "variables": ["sigma_relaxation_time"]},
        ),
        "equilibrium": (cc.equilibrium, {"model": rashba, **on, **at, "variables": ["net_current"]}),
        "transport": (cc.transport, {"model": rashba, **on, **at, "variables": ["sigma_hall"]}),
        "transport in a box": (
            cc.transport,
            {"model": dirac, **on, "mu": 0.1, "temperature": 300.0, "variables": ["sigma_hall"]},
        ),
        "companions": (cc.companions, {"model": rashba, **on, **at, "variables": None}),
        "superconductor": (
            cc.superconductor,
            {"model": pairs, "grid": 8, "shift": 0.0, "temperature": 3000.0, "chunks": 50},
        ),
        "respond": (cc.respond, {"model": rashba, "responses": ["transport"], **on, **at}),
        "disorder": (
            cc.disorder,
            {
                "model": dirac,
                "operator": "spin_z",
                "mu": 1.0,
                "potential": "gaussian",
                "range": 1.0,
                "grid": 16,
                "points": 16,
                "hall_grid": None,
            },
        ),
        "disorder by a time": (
            cc.disorder,
            {
                "model": rashba,
                "operator": "spin_z",
                "mu": 1.0,
                "relaxation_time": 1.0,
                "hall_grid": 8,
                "hall_temperature": 3000.0,
            },
        ),
        "judge": (cc.judge, {"levels": levels, "tolerance": 0.1}),
        "render": (
            render,
            {
                "kind": "rashba_null",
                "results": [StudyResult("a", levels[-1], verdict, levels)],
                "stem": "figure",
                "attrs": None,
            },
        ),
        "hamiltonian": (rashba.hamiltonian, {"k": [[0.0, 0.1]]}),
        "levels": (rashba.levels, {"k": [[0.0, 0.1]]}),
        "operator": (rashba.operator, {"operator": np.eye(2)}),
    }
    others = (
        sums,
        levels[-1],
        verdict,
        bands,
        [sums, levels[-1]],
        [verdict] * 2,
        [sums] * 2,
        rashba,
        pairs,
        cc.Model,
        mesh,
        dirac,
    )
    others += (
        levels[::-1],
        [levels[0], cc.transport(haldane, operator="charge", grid=16, **at)],
        {"a": cc.Operator("x")},
        {"s": (np.eye(2), "m")},
    )
    return table, others


def _at_rest(*models: object) -> None:
    """What is compiled or imported at the first use: once, and not in each process."""
    for model in models:
        k = np.zeros((3, 2))
        model.solve(k)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cc.respond(models[0], ["transport", "equilibrium", "companions"], operator="spin_z", grid=8, mu=0.5)
        cc.superconductor(models[2], grid=8)
        cc.disorder(models[3], operator="spin_z", mu=1.0, grid=16, points=16, hall_grid=None)


def _hop(**arguments: object) -> object:
    hoppings = cc.Hoppings(np.eye(2), 2)
    hoppings.hop(**arguments)
    return hoppings.build()


def _onsite(**arguments: object) -> object:
    hoppings = cc.Hoppings(np.eye(2), 2)
    hoppings.onsite(**arguments)
    return hoppings.build()


def cases(draw: random.Random) -> Iterator[Case]:
    """Without an end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table, others = goods()
    while True:
        name = one_of(draw, tuple(table))
        call, good = table[name]
        arguments = {
            key: one_of(draw, value) if isinstance(value, tuple) and key == "path" else value
            for key, value in good.items()
        }
        changed = draw.sample(sorted(good), draw.choice((1, 1, 1, 2)) if len(good) > 1 else 1)
        for key in changed:
            arguments[key] = _bad(draw, key, others)
        if draw.random() < 0.03:
            changed, arguments = ["unknown"], {**good, "unknown": 1}
        what = f"{name}: " + ", ".join(f"{key} = {text_of(arguments[key])}" for key in changed)
        absurd = [key for key in changed if key not in FREE and is_absurd(arguments[key])]
        yield Case(what, partial(_called, call, arguments), partial(_objection, absurd))


def _bad(draw: random.Random, key: str, others: tuple) -> object:
    if key in ("path", "stem", "results") and draw.random() < 0.6:
        return one_of(draw, PATHS)
    if key in ("h", "velocity", "potential") and draw.random() < 0.7:
        return one_of(draw, FUNCTIONS)
    return one_of(draw, OBJECTS + others)


def _called(call: Callable, arguments: dict[str, object]) -> object:
    import os

    os.mkfifo("fifo")
    os.symlink("nowhere", "dangling")
    Path("mine.py").write_text("import cc_kernels as cc\ndef build():\n    return cc.build_model('haldane')\n")
    Path("a.yaml").write_text("studies: {}\n")
    return call(**arguments)


def _objection(absurd: list[str], result: object, warned: list[str]) -> str:
    if absurd:
        return f"{', '.join(absurd)} accepted"
    if not Path("fifo").is_fifo() or not Path("dangling").is_symlink():
        return "what is no file was replaced"
    if isinstance(result, xr.Dataset) and not warned:
        bad = [
            name for name, one in result.data_vars.items() if f"{name}_scale" in result and not np.isfinite(one).all()
        ]
        return f"{', '.join(map(str, bad))} not finite" if bad else ""
    return ""
