"""Sums of k-grids that several folders of results, or several checkouts, share.

An entry is found by a request: all that the sums depend on. These are the arguments, the hash of the sources, the
models as they are in memory (every matrix, not their names), the sweep, and the versions of what computes. The entry
repeats its whole request, and its checksum covers request and data, so a damaged, exchanged or half-written entry is
computed again. A model that is a Python function is not data; its sums are never shared.
"""

from __future__ import annotations

import logging
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cc_kernels.checksums import PROVENANCE_PREFIX
from cc_kernels.errors import InputError
from cc_kernels.io import FORMAT, read_attributes, read_series, write_dataset
from cc_kernels.provenance.stamps import canonical, content_hash, versions
from cc_kernels.study.study_models import checksums_of

if TYPE_CHECKING:
    import xarray as xr

    from cc_kernels.study.study_models import StudyModels

_REQUEST = "cache_request"
log = logging.getLogger("cc_kernels")


class SumsCache:
    """The entry of one shard of a stage in a shared folder.

    Parameters
    ----------
    folder : the shared folder; None for none.
    study : the models as they were read.
    settings : the arguments of `study.shards.shard_sums`, and the hash of the sources.
    """

    def __init__(self, folder: str | Path | None, study: StudyModels, settings: Mapping[str, Any]) -> None:
        self.request = request_of(study, settings) if folder else None
        if folder and self.request is None:
            log.info("the model is a Python function: its sums are not shared")
        self.entry: Path | None = None
        if folder and self.request is not None:
            key = content_hash(self.request)
            self.entry = Path(folder) / "sums" / key[:2] / f"{key}.nc"

    def fetch(self) -> tuple[list[xr.Dataset], dict[str, str]] | None:
        """The sums, with attributes that say where they were computed; None where they must be computed."""
        if self.entry is None:
            return None
        try:
            if not self.entry.exists():
                return None
            levels = read_series(self.entry, "sums")
        except (OSError, InputError) as error:
            log.warning("not taken from the cache: %s", error)
            return None
        if levels[-1].attrs.pop(_REQUEST, None) != self.request:
            log.warning("not taken from the cache: %s belongs to something else", self.entry)
            return None
        commit = str(levels[-1].attrs.get(f"{PROVENANCE_PREFIX}commit", "unknown"))
        for sums in levels:
            sums.attrs = {name: value for name, value in sums.attrs.items() if not name.startswith(PROVENANCE_PREFIX)}
        log.info("taken from the cache: %s", self.entry)
        return levels, {
            f"{PROVENANCE_PREFIX}cache": canonical({"entry": self.entry.stem, "computed_at_commit": commit})
        }

    def store(self, levels: Sequence[xr.Dataset], attributes: Mapping[str, Any]) -> None:
        """Keep sums that were computed; a folder that cannot be written costs a warning, not the run."""
        if self.entry is None:
            return
        try:
            *coarser, finest = levels
            finest = finest.assign_attrs({_REQUEST: self.request})
            write_dataset(finest, self.entry, attributes, kind="sums", coarser=coarser)
            read_attributes(self.entry, "sums")
            log.info("kept in the cache: %s", self.entry)
        except (OSError, RuntimeError, InputError) as error:  # netCDF4 says RuntimeError where a disk is full
            log.warning("not kept in the cache: %s", error)


def request_of(study: StudyModels, settings: Mapping[str, Any]) -> str | None:
    """Everything that the sums of a shard depend on, as text; None for models that are not data."""
    models = checksums_of(study.models)
    if models is None:
        return None
    return canonical(
        {
            "format": FORMAT,
            "settings": dict(settings),
            "models": models,
            "sweep": [study.sweep_name, [float(value) for value in study.sweep_values]],
            "versions": versions(),
            "machine": platform.machine(),
        }
    )
