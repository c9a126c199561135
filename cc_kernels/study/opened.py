"""Open the results of a study."""

from __future__ import annotations

import json
from pathlib import Path

import xarray as xr

from cc_kernels.errors import InputError, stated
from cc_kernels.files import path_of
from cc_kernels.io import read_attributes, read_series
from cc_kernels.provenance.page import read_page
from cc_kernels.study.result_files import ResultFiles


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
    files = ResultFiles(path_of("results", results, "a folder such as results/paper"))
    if not isinstance(study, str) or not study:
        raise InputError("study", study, "the name of a study")
    stages = files.stages_on_disk(study)
    if not stages:
        known = sorted(path.name for path in (files.folder / "verdicts").glob("*"))
        given = stated(f"no results of {study} in {results}")
        raise InputError("study", given, "one of " + ", ".join(known) if known else "a folder such as results/paper")
    n = _of_last_run(files, study) or files.verdicts(study, stages)[-1][0]
    response, verdict = read_series(files.response(study, n), "responses")[-1], files.verdict(study, n)
    return response.assign_attrs(verdict=read_attributes(verdict, "verdict")["summary"])


def _of_last_run(files: ResultFiles, study: str) -> int | None:
    """The level that the front page shows; None where figures were made one by one, which makes no front page."""
    if not Path(files.front_page).exists():
        return None
    for name, checksum in json.loads(read_page(files.front_page).get("provenance_parents", "{}")).items():
        if Path(name).parts[-3:-1] == ("verdicts", study):
            n = int(Path(name).stem)
            file = Path(files.verdict(study, n))
            if not file.exists() or read_attributes(file, "verdict")["cc_content"] != checksum:
                given = stated("results that have changed since its front page was made")
                raise InputError(str(files.folder), given, "those of a run that has come to its end: make figures")
            return n
    return None
