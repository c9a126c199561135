"""The bands along the standard path, as a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cc_kernels.files import replacing
from cc_kernels.models import Model
from cc_kernels.models.band_path import band_path
from cc_kernels.models.base import BOSE
from cc_kernels.plotting import style


def plot_bands(model: Model, stem: Path) -> list[Path]:
    """Write `<stem>.png` and `<stem>.pdf` with the bands of a model on a lattice; energies in eV."""
    path = band_path(model, points=400)
    levels, is_bosonic = model.levels(path.k), model.statistics == BOSE
    if is_bosonic:  # holes repeat them at -k
        levels = levels[:, model.num_bands // 2 :]
    jump = np.flatnonzero(np.diff(path.distance) == 0) + 1  # to another line, or the end of one twice
    paths = [stem.parent / f"{stem.name}.{ending}" for ending in ("png", "pdf")]
    with style.house_style():
        figure, ((ax,),) = style.panels(1, height=2.8)
        for part in np.split(np.arange(len(levels)), jump):
            ax.plot(path.distance[part], levels[part], color=style.BLUE, linewidth=0.8)
        ax.axhline(0, color=style.GREY, linewidth=0.6)
        for at, _ in path.ticks:
            ax.axvline(at, color=style.GREY, linewidth=0.4)
        ax.set_xticks([at for at, _ in path.ticks], style.apart(path.ticks))
        ax.set(
            xlim=(path.distance[0], path.distance[-1]),
            ylabel="energy (eV)" if is_bosonic else "energy, from μ = 0 (eV)",
        )
        ax.tick_params(axis="x", length=0)
        ax.set_title(f"{model.name}, {levels.shape[1]} bands")
        for file in paths:
            with replacing(file) as temporary:
                figure.savefig(temporary, format=file.suffix[1:])
    return paths
