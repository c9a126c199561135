"""Every figure kind: files, reproducible bytes, data that are those of the lines, the verdict, and missing results."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cc_kernels.errors import InputError
from cc_kernels.io import read_dataset
from cc_kernels.plotting import registry, style
from cc_kernels.plotting.render import render

SHOWN = {
    "rashba_null": ["lattice", "field"],
    "equilibrium_cancellation": ["field", "lattice"],
    "convergence": ["field", "pairing", "pairing_sweep", "haldane"],
    "d_id_quantization": ["pairing", "pairing_sweep"],
    "d_id_maps": ["pairing"],
    "magnetization_cancellation": ["pairing", "haldane", "pairing_sweep"],
}
# What a kind cannot show, because the response is of another kind.
FOREIGN = {kind: "pairing" if kind in ("rashba_null", "equilibrium_cancellation") else "field" for kind in SHOWN}


@pytest.fixture
def chosen(kind, studies):
    return [studies[name] for name in SHOWN[kind]]


def test_every_kind_is_tested():
    assert registry.figure_kinds() == sorted(SHOWN)


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


@pytest.mark.parametrize("kind", SHOWN)
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
        assert np.array_equal(image.get_array(), data[image.get_gid()])


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
    if kind == "convergence":
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
        registry.check_needs("rashba_null", {"a": ["equilibrium"]}, key="figures.x.studies")
    with pytest.raises(InputError, match="maps"):
        registry.check_needs("d_id_maps", {"a": ["superconductor"]}, with_maps=[])
    registry.check_needs("d_id_maps", {"a": ["superconductor"]})
    assert registry.figure_file("rashba_null").is_file()


@pytest.mark.parametrize("kind", SHOWN)
def test_figures_fit_a_journal_and_can_be_read(kind, drawn):
    assert drawn[kind].get_figwidth() in (style.SINGLE, style.DOUBLE)
    sizes = [text.get_fontsize() for text in drawn[kind].findobj(lambda artist: hasattr(artist, "get_fontsize"))]
    assert min(sizes) >= 7
