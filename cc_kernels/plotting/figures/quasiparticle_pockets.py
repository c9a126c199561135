"""Bogoliubov Fermi surfaces: the quasiparticle energies over the zone, with the lines where they vanish."""

from __future__ import annotations

import json
from collections.abc import Sequence

import xarray as xr
from matplotlib.figure import Figure

from cc_kernels.errors import InputError, stated
from cc_kernels.geometry.attributes import WITHOUT_MU
from cc_kernels.plotting import style
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import curve_of, side_by_side
from cc_kernels.plotting.study_result import StudyResult
from cc_kernels.plotting.zone_maps import colour_bar, colour_map, zone_fields

NEEDS = Needs(any_of=("thermal", "equilibrium", "superconductor"), map_variables=("kpoint", "energy"))
CAPTION = (
    "Quasiparticles of a superconductor over the Brillouin zone: the energy of the band above the middle of the "
    "spectrum (blue below zero, red above). Solid line: where it is zero, a Bogoliubov Fermi surface, inside which "
    "quasiparticles are there at zero temperature; dashed line: the same of the band below, its particle-hole partner "
    "at -k."
)
_FIELDS = {"upper": "energy of the band above the middle", "lower": "energy of the band below the middle"}


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """One panel per study."""
    data = side_by_side(results, {one.name: _plotted(one) for one in results}, "quasiparticle energies over the zone")
    figure, axes = style.panels(len(results), height=2.9)
    for index, (result, (ax,)) in enumerate(zip(results, axes, strict=True)):
        fields = {name: curve_of(data, result, name) for name in (*_FIELDS, "kx", "ky")}
        # the pockets are shallow: colours saturate at some times their depth
        upper = fields["upper"].values
        most = min(float(abs(upper).max()), 5 * float(max(-upper.min(), 0.02 * upper.max())))
        image = colour_map(ax, fields, "upper", cmap="RdBu_r", vmin=-most, vmax=most)
        colour_bar(ax, image, "energy (eV)", extend="max")
        for name, line, label in (("upper", "-", "zero of this band"), ("lower", "--", "of its partner at −k")):
            values = fields[name].values
            if values.min() < 0 < values.max():
                k = fields["kx"].values, fields["ky"].values
                ax.contour(*k, values, levels=[0], colors="black", linewidths=1, linestyles=line)
                ax.plot([], [], color="black", linewidth=1, linestyle=line, label=label)
        inside = float((upper[:-1, :-1] < 0).mean())
        grid = " × ".join(str(n) for n in json.loads(result.maps.attrs["grid"]))
        style.title_panel(ax, index, f"{result.name}: {100 * inside:.2g} % of the zone below zero, {grid} map")
    style.shared_legend(figure)
    return figure, data


def _plotted(result: StudyResult) -> xr.Dataset:
    """Fields on the zone around k = 0, dims b1 and b2 along the reciprocal lattice vectors."""
    if result.response.attrs.get(WITHOUT_MU) != "a superconductor":
        raise InputError("studies", stated(f"{result.name}, no superconductor"), "a superconductor")
    middle = result.maps.sizes["band"] // 2
    energy = result.maps["energy"]
    fields = {"upper": energy.isel(band=middle), "lower": energy.isel(band=middle - 1)}
    about = {name: {"units": "eV", "long_name": text} for name, text in _FIELDS.items()}
    return zone_fields(result, fields, about)
