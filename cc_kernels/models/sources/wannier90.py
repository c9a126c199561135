"""Models from the files of Wannier90."""

from __future__ import annotations

from cc_kernels.models.sources import Key, Source
from cc_kernels.models.wannier import read_wannier90

SOURCE = Source(
    key="wannier90",
    build=read_wannier90,
    description="A model from the files of Wannier90 (see `cc_kernels.read_wannier90`), relative to the configuration.",
    keys={
        "wannier90": Key(
            "A `_tb.dat`, or an `_hr.dat` with the .win, and `_centres.xyz`, beside it; gzipped or not.",
            default=...,
            is_file=True,
        ),
        "spin": Key(
            "A file of spin matrices (netCDF with `S_R`, `R_vectors`, `ndegen`; or a .spn with its .chk beside it): "
            "operators `spin_x`, `spin_y`, `spin_z` that depend on R; or `pauli`, with a `spin_order`.",
            is_file=True,
            words=("pauli",),
        ),
        "spin_order": Key(
            "For Pauli matrices, instead of a spin file: `interlaced`, `blocks`, or pairs `[[up, down], ...]`, from 0.",
            kind=str | list[list[int]],
        ),
        "positions": Key(
            "`centres` (default), or `full`: all position matrices, with which Eq. (5) is approximate.",
        ),
        "wsvec": Key("The `_wsvec.dat` of use_ws_distance; gzipped or not.", is_file=True),
        "fermi_energy": Key("eV; mu counts from it.", kind=float),
    },
    code=lambda _: "cc_kernels.models.wannier",
)
