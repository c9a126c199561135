"""Files of every kind, cut off, with one bit turned, or with a block of zeros."""

from __future__ import annotations

import random
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import dask
import xarray as xr

import cc_kernels as cc
from cc_kernels.io import read_attributes, stream_dataset, write_dataset
from cc_kernels.models.identity import model_identity
from cc_kernels.models.storage import load_models, save_models
from tests.workflow.fuzz.outcomes import Case

SPOIL: dict[str, Callable[[bytearray, random.Random], bytes]] = {
    "cut off": lambda content, draw: bytes(content[: draw.randrange(len(content))]),
    "a few bytes short": lambda content, draw: bytes(content[: -draw.randint(1, 600)]),
    "with one bit turned": lambda content, draw: _with_a_turned_bit(content, draw.randrange(len(content)), draw),
    "with one bit of its head turned": lambda content, draw: _with_a_turned_bit(
        content, draw.randrange(min(len(content), 8000)), draw
    ),
    "with a block of zeros": lambda content, draw: _with_zeros(content, draw),
    "of zeros": lambda content, draw: bytes(len(content)),
    "of text": lambda content, draw: b"mu sigma\n0 1\n" * 100,
    "that is empty": lambda content, draw: b"",
    "with more behind": lambda content, draw: bytes(content) + b"more",
}


def _with_a_turned_bit(content: bytearray, place: int, draw: random.Random) -> bytes:
    content[place] ^= 1 << draw.randrange(8)
    return bytes(content)


def _with_zeros(content: bytearray, draw: random.Random) -> bytes:
    start, length = draw.randrange(len(content)), draw.choice((8, 64, 512, 4096))
    content[start : start + length] = bytes(len(content[start : start + length]))
    return bytes(content)


def goods(folder: Path) -> dict[Path, tuple[Callable, Callable]]:
    """Each file with what reads it, and what tells its content."""
    dask.config.set(scheduler="synchronous")
    model = cc.build_model("rashba_square")
    at = {"operator": "spin_z", "mu": [0.5, 1.0], "temperature": 3000.0}
    bands = cc.band_geometry(model, operator="spin_z", grid=8)
    levels = [cc.transport(model, grid=n, **at) for n in (4, 8)]
    sums = cc.accumulate(bands, ["velocity", "berry_curvature"], cc.EnergyMesh.covering(0.5, 3000.0))
    datasets = {
        "sums": sums,
        "responses": levels[-1],
        "verdict": cc.judge(levels, 0.1),
        "figure": levels[0].assign_attrs(caption="é"),
    }
    for kind, data in datasets.items():
        write_dataset(data, folder / f"{kind}.nc", {"provenance_parents": {"a": "b"}}, kind=kind)
    stream_dataset(bands, folder / "bands.nc", kind="bands")
    write_dataset(bands[["energy"]].load(), folder / "maps.nc", kind="bands")
    cc.save_model(model, folder / "model.nc")
    save_models([model, cc.build_model("massive_dirac")], folder / "models.nc", {"source": "{}"})
    readers: dict[Path, tuple[Callable, Callable]] = {
        folder / f"{name}.nc": (partial(cc.read_dataset, kind=kind), _of_dataset)
        for name, kind in [*((kind, kind) for kind in datasets), ("bands", "bands"), ("maps", "bands")]
    }
    readers[folder / "model.nc"] = (cc.load_model, model_identity)
    readers[folder / "models.nc"] = (load_models, lambda read: [model_identity(one) for one in read[0]])
    return readers


def _of_dataset(data: xr.Dataset) -> object:
    """All but what belongs to no checksum."""
    names = sorted(name for name in data.attrs if not name.startswith("provenance_"))
    return data.drop_attrs().to_dict(), {name: str(data.attrs[name]) for name in names}, repr(data.dtypes)


def cases(draw: random.Random) -> Iterator[Case]:
    """Without an end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        readers = goods(Path(tempfile.mkdtemp()))
        whole = {path: repr(told(read(path))) for path, (read, told) in readers.items()}
    while True:
        path, how = draw.choice(list(readers)), draw.choice(list(SPOIL))
        content = SPOIL[how](bytearray(path.read_bytes()), draw)
        read, told = readers[path]
        yield Case(
            f"{path.name} {how}", partial(_read, path.name, content, read, told), partial(_objection, whole[path])
        )


def _read(name: str, content: bytes, read: Callable, told: Callable) -> str:
    """Its content, where it can be read; the attributes alone have to be readable or refused, too."""
    path = Path(name)
    path.write_bytes(content)
    if not name.startswith("model."):
        with suppress(cc.InputError):
            read_attributes(path)
    try:
        return repr(told(read(path)))
    except cc.InputError as error:
        if name not in str(error):
            raise RuntimeError("a message that does not name the file") from error
        raise


def _objection(whole: str, result: object, warned: list[str]) -> str:
    return "" if result == whole else "another content was read without a word"
