"""Every figure kind: files, reproducible bytes, data that are those of the lines, the verdict, and missing results."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from cc_kernels.errors import InputError
from cc_kernels.io import read_dataset
from cc_kernels.plotting import components, kind_files, style
from cc_kernels.plotting import kinds as registry
from cc_kernels.plotting.gap import in_gap
from cc_kernels.plotting.render import render

SHOWN = {
    "conductivity": ["field", "lattice", "gap_sweep"],
    "conservation": ["field", "solid"],
    "insulator_definitions": ["gap_sweep"],
    "layer_hall": ["bilayer"],
    "magnetic_spin_hall": ["magnet_spin", "magnet_charge"],
    "magnetization_slope": ["gap"],
    "rashba_null": ["lattice", "field"],
    "rashba_story": ["rashba"],
    "side_jump": ["dirac"],
    "study_convergence": ["lattice"],
    "spin_hall_bands": ["crystal"],
    "spin_hall_definitions": ["crystal", "gap"],
    "spin_nernst": ["field", "lattice"],
    "superconductor_magnetization": ["chern_sweep", "unpaired"],
    "thermoelectric": ["chern_sweep", "haldane"],
    "equilibrium_cancellation": ["field", "lattice", "magnons"],
    "thermal_definitions": ["kagome", "magnons"],
    "thermal_sweep": ["phonons"],
    "quasiparticle_pockets": ["pockets"],
    "convergence": ["field", "pairing", "pairing_sweep", "haldane"],
    "d_id_quantization": ["pairing", "pairing_sweep"],
    "d_id_maps": ["pairing"],
    "magnetization_cancellation": ["pairing", "haldane", "pairing_sweep"],
}
OF_EVERY_STYLE = ("conductivity", "convergence", "d_id_maps", "rashba_story", "spin_hall_bands", "thermal_definitions")
"""Curves, logarithmic axes, arrows and contours, stacks, a path and a plane, several operators."""
# What a kind cannot show, because the response is of another kind.
FOREIGN = {
    kind: "pairing" if {"transport", "equilibrium"} & {*registry.load_kind(kind).NEEDS.responses} else "field"
    for kind in SHOWN
}


@pytest.fixture
def chosen(kind, studies):
    return [studies[name] for name in SHOWN[kind]]


def test_every_kind_is_tested():
    assert kind_files.figure_kinds() == sorted(SHOWN)


@pytest.fixture(scope="module")
def rendered(studies, tmp_path_factory):
    """Kind -> its files, each drawn once for all tests."""
    folder = tmp_path_factory.mktemp("figures")
    return {
        kind: render(kind, [studies[name] for name in names], folder / kind / "figure", {"provenance_commit": "abc"})
        for kind, names in SHOWN.items()
    }


@pytest.fixture(scope="module")
def drawn(studies):
    """Kind -> its figure, with the foot."""
    figures = {}
    with style.house_style():
        for kind, names in SHOWN.items():
            results = [studies[name] for name in names]
            figures[kind], _ = registry.load_kind(kind).draw(results)
            style.stamp_verdict(figures[kind], results)
    return figures


@pytest.mark.parametrize(
    "kind", [kind if kind in OF_EVERY_STYLE else pytest.param(kind, marks=pytest.mark.slow) for kind in SHOWN]
)
def test_files_are_reproducible_and_whole(kind, chosen, rendered, tmp_path):
    again = render(kind, chosen, tmp_path / "figure", {"provenance_commit": "abc"})
    assert [path.suffix for path in again] == [".png", ".pdf", ".nc"]
    for a, b in zip(rendered[kind], again, strict=True):
        assert a.read_bytes() == b.read_bytes()
    assert {path.name for path in again} == {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("kind", SHOWN)
def test_data_file_holds_what_is_drawn(kind, rendered, drawn):
    data = read_dataset(rendered[kind][2], kind="figure")
    assert data.attrs["caption"] == registry.load_kind(kind).CAPTION
    curves = [line for ax in drawn[kind].axes for line in ax.get_lines() if line.get_gid()]
    images = [image for ax in drawn[kind].axes for image in ax.collections if image.get_gid()]
    assert curves or images
    for variable in data.data_vars.values():
        assert variable.attrs["units"]
        assert variable.attrs["long_name"]
    for line in curves:
        array = data[line.get_gid()]
        (x,) = [dim for dim in array.dims if array[dim].shape == line.get_xdata().shape
                and np.array_equal(array[dim], line.get_xdata())]  # fmt: skip
        rows = array.transpose(..., x).values.reshape(-1, array.sizes[x])
        assert any(np.array_equal(row, line.get_ydata(), equal_nan=True) for row in rows)
    for image in images:
        assert np.array_equal(np.ravel(image.get_array()), data[image.get_gid()].values.ravel())


@pytest.mark.parametrize(("kind", "converged"), [(kind, 0) for kind in SHOWN] + [("d_id_maps", 1)])
def test_a_figure_says_whether_a_study_has_converged(kind, converged, studies):
    first = studies[SHOWN[kind][0]]
    verdict = first.verdict.assign(converged=((), np.int8(converged)))
    verdict.attrs["summary"] = "converged at 16 points per axis" if converged else "NOT CONVERGED at 16 points per axis"
    result = replace(first, verdict=verdict)
    with style.house_style():
        figure, _ = registry.load_kind(kind).draw([result])
        style.stamp_verdict(figure, [result], "figure.nc")
    texts = {text.get_text().strip(): text.get_color() for text in figure.texts}
    assert "data: figure.nc" in texts
    alarms = [color for text, color in texts.items() if "NOT CONVERGED" in text]
    assert alarms == ([] if converged else [style.ALARM])


@pytest.mark.parametrize("kind", SHOWN)
def test_missing_responses_are_an_input_error(kind, studies, tmp_path):
    foreign = studies[FOREIGN[kind]]
    if kind in ("convergence", "study_convergence"):  # of any response
        foreign = replace(foreign, levels=())
    with pytest.raises(InputError, match=kind):
        render(kind, [foreign], tmp_path / "figure")
    assert not list(tmp_path.iterdir())


def test_missing_maps_are_an_input_error(studies, tmp_path):
    with pytest.raises(InputError, match="maps"):
        render("d_id_maps", [replace(studies["pairing"], maps=None)], tmp_path / "figure")
    with pytest.raises(InputError, match="pairing"):
        render(
            "d_id_maps",
            [replace(studies["pairing"], maps=studies["pairing"].maps.drop_vars("pairing"))],
            tmp_path / "f",
        )


def test_unknown_kinds_and_needs_are_refused_by_name():
    with pytest.raises(InputError, match="rashba_null"):
        registry.load_kind("no_such_figure")
    with pytest.raises(InputError, match=r"figures\.x\.studies.*transport"):
        kind_files.check_needs("rashba_null", {"a": ["equilibrium"]}, key="figures.x.studies")
    with pytest.raises(InputError, match="maps"):
        kind_files.check_needs("d_id_maps", {"a": ["superconductor"]}, with_maps=[])
    kind_files.check_needs("d_id_maps", {"a": ["superconductor"]})


@pytest.mark.parametrize("kind", SHOWN)
def test_what_a_file_says_is_read_without_importing_it(kind):
    module = registry.load_kind(kind)
    assert (kind_files.needs_of(kind), kind_files.caption_of(kind)) == (module.NEEDS, module.CAPTION)
    assert kind_files.figure_file(kind) == Path(registry.load_kind(kind).__file__)


@pytest.mark.parametrize("kind", SHOWN)
def test_figures_fit_a_journal_and_can_be_read(kind, drawn):
    assert drawn[kind].get_figwidth() in (style.SINGLE, style.DOUBLE)
    sizes = [text.get_fontsize() for text in drawn[kind].findobj(lambda artist: hasattr(artist, "get_fontsize"))]
    assert min(sizes) >= 7


@pytest.mark.parametrize("kind", SHOWN)
def test_no_two_curves_of_a_legend_look_alike(kind, drawn):
    legends = [*drawn[kind].legends, *(ax.get_legend() for ax in drawn[kind].axes if ax.get_legend())]
    for legend in legends:
        lines = [handle for handle in legend.legend_handles if hasattr(handle, "get_linestyle")]
        looks = [
            (str(line.get_color()), str(line.get_linestyle()), str(line.get_marker()), str(line.get_markerfacecolor()))
            for line in lines
            if hasattr(line, "get_marker")
        ]
        assert len(set(looks)) == len(looks)


def test_a_verdict_on_more_than_is_drawn_says_the_change_of_what_is_drawn(studies):
    result = studies["gap"]
    with style.house_style():
        figure, data = registry.load_kind("magnetization_slope").draw([result])
        style.stamp_verdict(figure, [result], data=data)
    change = result.verdict.error_estimate.sel(variable=["magnetization", "sigma_hall"]).max().item()
    assert f"of what is drawn, the last change is {change:.1e}" in [text.get_text().strip() for text in figure.texts]


def test_titles_break_at_commas():
    with style.house_style():
        _, axes = style.panels(3)
        style.title_panel(axes[0, 0], 0, "a_study_of_something, alpha = 0.25, T = 300 K")
    assert axes[0, 0].get_title(loc="left") == "(a) a_study_of_something,\nalpha = 0.25, T = 300 K"


def test_components_that_vanish_or_repeat_are_named_and_not_drawn():
    values = np.array([[[0.0, 1.0], [-1.0, 1e-9]]] * 3)
    array = xr.DataArray(values, {"mu": [0, 1, 2], "i": ["x", "y"], "l": ["x", "y"]}, ("mu", "i", "l"))
    choice = components.choose({"a": array}, {"a": abs(array).max(["i", "l"])}, tolerance=1e-6, most=3)
    assert choice.drawn == ("xy",)
    assert choice.note == "components: yx = −xy; xx, yy vanish (below 1e-06)"
    choice = components.choose({"a": 0 * array}, {"a": abs(array).max(["i", "l"])}, tolerance=1e-6, most=3)
    assert choice.drawn == ("xy",)
    assert "all components vanish" in choice.note
    distinct = array + xr.DataArray([0.0, 0.5], {"i": ["x", "y"]}, "i")
    choice = components.choose({"a": distinct}, {"a": abs(array).max(["i", "l"])}, tolerance=1e-6, most=1)
    assert choice.drawn == ("xy",)
    assert "yx is not drawn" in choice.note


def test_the_gap_is_where_no_state_is_filled():
    mu = np.linspace(-2, 2, 41)
    filled = xr.DataArray(np.clip(mu + 1.5, 0, 1) + np.clip(mu - 0.5, 0, 1), {"mu": mu}, ("mu",))
    inside = mu[in_gap(filled)]
    assert inside.min() == pytest.approx(-0.4, abs=1e-9)
    assert inside.max() == pytest.approx(0.4, abs=1e-9)
    assert not in_gap(filled.isel(mu=slice(0, 2))).any()


def test_studies_that_a_kind_has_no_axis_for_are_refused(studies, tmp_path):
    for kind, name, words in [
        ("insulator_definitions", "gap", "sweep"),
        ("superconductor_magnetization", "haldane", "sweep"),
        ("spin_nernst", "gap_sweep", "2 temperatures"),
        ("layer_hall", "field", "sweep"),
        ("side_jump", "rashba", "massive_dirac"),
        ("magnetic_spin_hall", "dirac", "a spin"),
    ]:
        with pytest.raises(InputError, match=words):
            render(kind, [studies[name]], tmp_path / "figure")
    without = studies["gap_sweep"].response.drop_vars("sigma_torque_kubo")
    with pytest.raises(InputError, match="sigma_torque_kubo"):
        render("insulator_definitions", [replace(studies["gap_sweep"], response=without)], tmp_path / "figure")
    assert not list(tmp_path.iterdir())


def test_convergence_takes_a_study_of_disorder_alone(studies, tmp_path):
    result = studies["dirac"]
    alone = [
        level.drop_vars([name for name in level if "sigma_intrinsic" in name or "sigma_conventional" in name])
        for level in result.levels
    ]
    shown = replace(result, response=alone[-1], levels=alone)
    data = read_dataset(render("convergence", [shown], tmp_path / "figure")[2], kind="figure")
    assert "dirac__sigma_side_jump_change" in data


def test_side_jump_is_half_of_the_published_value(rendered):
    data = read_dataset(rendered["side_jump"][2], kind="figure")
    assert data["dirac__difference"].max() < 1e-11
    assert abs(data["dirac__side_jump"]).max() > 1e-3


def test_the_whole_rashba_story_ends_at_zero(rendered):
    data = read_dataset(rendered["rashba_story"][2], kind="figure")
    assert data["rashba__sum_size"].max() < 1e-10
    above = data.sel(rashba__mu=1.0, rashba__winding=1)
    assert above["rashba__sigma_intrinsic_contour"].item() == pytest.approx(-1, abs=1e-6)
    assert above["rashba__sigma_dipole_scattering"].values == pytest.approx(1, abs=1e-6)


def test_the_magnetic_spin_hall_effect_reverses_with_the_order(rendered):
    current = read_dataset(rendered["magnetic_spin_hall"][2], kind="figure")["magnet_spin__spin_current"]
    assert abs(current).max() > 0.01
    assert current.isel(magnet_spin__J=0).values == pytest.approx(-current.isel(magnet_spin__J=1).values, abs=1e-9)


def test_without_a_study_of_the_charge_the_spin_current_has_its_own_units(studies, tmp_path):
    data = read_dataset(render("magnetic_spin_hall", [studies["magnet_spin"]], tmp_path / "figure")[2], kind="figure")
    assert data["magnet_spin__spin_current"].attrs["units"] != "hbar/2e"


def test_the_conductivity_has_a_panel_for_each_temperature(studies):
    """Of many, some from the lowest to the highest, and the foot says how many have none."""
    result = studies["field"]
    with style.house_style():
        figure, data = registry.load_kind("conductivity").draw([result])
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    components = data.sizes["field__component"]
    assert [sum(f"T = {kelvin} K" in title for title in titles) for kelvin in (2000, 4000)] == [components] * 2
    kelvin = np.linspace(4000, 2000, 40)
    response = result.response.drop_vars("temperature_resolution").interp(
        temperature=kelvin, kwargs={"bounds_error": 0}
    )
    with style.house_style():
        figure, data = registry.load_kind("conductivity").draw([replace(result, response=response)])
    assert data["field__temperature"].values[[0, -1]].tolist() == [2000, 4000]
    assert len(figure.axes) == components * data.sizes["field__temperature"] <= style.MOST_PANELS
    assert f"{40 - data.sizes['field__temperature']} more temperatures are not drawn" in data.attrs["notes"]
