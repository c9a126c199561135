"""Eq. (12): in the gap of an insulator, the slope of the orbital magnetization is the Hall conductivity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from cc_kernels.plotting import style
from cc_kernels.plotting.gap import in_gap
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import curve_of, dim_of, side_by_side
from cc_kernels.plotting.size import floored, size_axis
from cc_kernels.plotting.study_result import StudyResult, all_cases

NEEDS = Needs(responses=("equilibrium", "transport"), variables=("magnetization",))
CAPTION = (
    "Orbital magnetization and Hall conductivity against chemical potential, at the lowest temperature of the study; "
    "the gap is shaded (where no state is filled as the chemical potential rises). Above: the orbital magnetization M "
    "of Eq. (6). Middle: the Hall part sigma_xy of Eq. (11), -e times the sum of Omega_n s_n over occupied states "
    "with Omega = Omega^xy (line), and e dM/dmu, by central differences from neighbouring chemical potentials of the "
    "curve above (circles). Eq. (12): they agree in the gap. In the bands they differ, since there the local circuits "
    "in M change as well. Below: the size of their difference relative to the sum of the absolute contributions to "
    "sigma_xy; exact zeros are drawn at 1e-18."
)


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """One stack of three axes per study and sweep value."""
    data = side_by_side(results, {result.name: _plotted(result) for result in results}, "Eq. (12)")
    cases = all_cases(results)
    figure, stacks = style.panels(len(cases), height=4.4, ratios=(1, 1.4, 0.9))
    for index, ((result, label, case), stack) in enumerate(zip(cases, stacks, strict=True)):
        upper, middle, lower = stack
        gap = curve_of(data, result, "in_gap", case)
        for ax in stack:
            style.shade(ax, gap[dim_of(result, "mu")].values, gap.values.astype(bool), "gap")
            ax.margins(x=0)
        style.curve(upper, curve_of(data, result, "magnetization", case), "magnetization", label="M, Eq. (6)")
        style.reference_line(middle, 0)
        style.curve(
            middle, curve_of(data, result, "sigma_hall", case), "hall", label=r"$\sigma_{xy}$, Eq. (12)", marker=""
        )
        style.curve(middle, curve_of(data, result, "slope", case), "magnetization_slope", markevery=1, markersize=2.6)
        style.curve(lower, curve_of(data, result, "difference", case), "difference", label="_difference")
        size_axis(lower)
        for ax in (upper, middle):
            ax.sharex(lower)
            ax.tick_params(labelbottom=False)
        temperature = float(data[dim_of(result, "temperature")])
        style.title_panel(upper, index, f"{label}, T = {temperature:.4g} K")
        units = {
            name: style.pretty_units(data[dim_of(result, name)].attrs["units"]) for name in ("magnetization", "slope")
        }
        upper.set_ylabel(f"M ({units['magnetization']})")
        middle.set_ylabel(f"conductivity ({units['slope']})")
        lower.set_ylabel("difference\n/ scale")
        lower.set_xlabel(style.parameter_label("mu"))
        figure.align_ylabels([upper, middle, lower])
    style.shared_legend(figure)
    return figure, data


def _plotted(result: StudyResult) -> xr.Dataset:
    coldest = result.coldest()
    magnetization = coldest["magnetization"]
    if "i" in magnetization.dims:
        magnetization = magnetization.sel(i="z", drop=True)
    hall, scale = coldest["sigma_hall"].sel(i="x", l="y", drop=True), coldest["sigma_hall_scale"]
    # Central differences have no value at the two ends.
    slope = magnetization.differentiate("mu").where(np.isin(coldest["mu"], coldest["mu"][1:-1]))
    largest = scale.max("mu")
    difference = floored(abs(slope - hall) / largest.where(largest > 0, 1))
    gap = xr.apply_ufunc(
        lambda values: in_gap(xr.DataArray(values, {"mu": coldest["mu"].values}, "mu")),
        scale, input_core_dims=[["mu"]], output_core_dims=[["mu"]], vectorize=True,
    )  # fmt: skip
    part = xr.Dataset(
        {
            "magnetization": magnetization.assign_attrs(units=magnetization.attrs.get("units", "1")),
            "sigma_hall": hall,
            "slope": slope,
            "difference": difference,
            "in_gap": gap.astype(np.int8),
        }
    )
    part["slope"].attrs = {"units": hall.attrs.get("units", "1"), "long_name": "e dM/dmu, by central differences"}
    part["difference"].attrs = {"units": "1", "long_name": "|e dM/dmu - sigma_xy| / sum of absolute contributions"}
    part["in_gap"].attrs = {"units": "1", "long_name": "1 where the chemical potential lies in a gap"}
    return part
