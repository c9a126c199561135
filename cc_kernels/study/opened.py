"""Open the results of a study."""

from __future__ import annotations

import json
from pathlib import Path

import xarray as xr

from cc_kernels.errors import InputError, stated
from cc_kernels.io import read_attributes, read_dataset
from cc_kernels.provenance.page import read_page


def open_study(results: str | Path, study: str) -> xr.Dataset:
    """The responses of a study on the grid at which it ended, with the verdict in `attrs["verdict"]`.

    Parameters
    ----------
    results : the folder of a configuration, such as "results/paper".
    study : its name in the configuration.

    Raises
    ------
    InputError : no such results, a damaged file, or results of a run that has not come to its end.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> response = cc.open_study("results/my_study", "my_model")  # doctest: +SKIP
    >>> response.sigma_intrinsic.sel(i="x", l="y", temperature=1000)  # doctest: +SKIP
    """
    folder = Path(results) / "verdicts"
    files = sorted((folder / study).glob("*.nc"), key=lambda file: int(file.stem))
    if not files:
        known = sorted(path.name for path in folder.glob("*")) if folder.is_dir() else []
        given = stated(f"no results of {study} in {results}")
        raise InputError("study", given, "one of " + ", ".join(known) if known else "a folder such as results/paper")
    file = _of_last_run(Path(results), study) or _first_converged(files)
    response = read_dataset(Path(results) / "responses" / study / file.name, "responses")
    return response.assign_attrs(verdict=read_attributes(file, "verdict")["summary"])


def _of_last_run(results: Path, study: str) -> Path | None:
    """The verdict that the front page shows; None where figures were made one by one, which makes no front page."""
    page = results / "front_page.rst"
    if not page.exists():
        return None
    for name, checksum in json.loads(read_page(page).get("provenance_parents", "{}")).items():
        if Path(name).parts[-3:-1] == ("verdicts", study):
            file = results / "verdicts" / study / Path(name).name
            if not file.exists() or read_attributes(file, "verdict")["cc_content"] != checksum:
                given = stated("results that have changed since its front page was made")
                raise InputError(str(results), given, "those of a run that has come to its end: make figures")
            return file
    return None


def _first_converged(files: list[Path]) -> Path:
    """A run with another tolerance may have left finer grids: the first that has converged is the one in use."""
    return next((file for file in files if read_attributes(file, "verdict")["has_converged"]), files[-1])
