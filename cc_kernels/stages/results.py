"""Open the results of a study."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from cc_kernels.errors import InputError, phrase
from cc_kernels.io import read_dataset


def open_study(results: str | Path, study: str) -> xr.Dataset:
    """The responses of a study on the grid at which it ended, with the verdict in `attrs["verdict"]`.

    Parameters
    ----------
    results : the folder of a configuration, such as "results/paper".
    study : its name in the configuration.

    Raises
    ------
    InputError : no such results, or a damaged file.
    """
    folder = Path(results) / "verdicts"
    files = sorted((folder / study).glob("*.nc"), key=lambda file: int(file.stem))
    if not files:
        known = sorted(path.name for path in folder.glob("*")) if folder.is_dir() else []
        given = phrase(f"no results of {study} in {results}")
        raise InputError("study", given, "one of " + ", ".join(known) if known else "a folder such as results/paper")
    # A run with another tolerance may have left finer grids: the first that has converged is the one in use.
    verdicts = [read_dataset(file, "verdict") for file in files]
    index = next((n for n, verdict in enumerate(verdicts) if verdict.converged), len(files) - 1)
    response = read_dataset(Path(results) / "responses" / study / files[index].name, "responses")
    return response.assign_attrs(verdict=verdicts[index].attrs["summary"])
