"""The whole run, from nothing: its files, its numbers, where they come from, and what it says when it must warn."""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from cc_kernels import io
from cc_kernels.provenance import content_hash, file_checksum
from cc_kernels.verdict import ROUNDING

MESH = 1e-10
"""Relative error of the energy mesh: 4e-12 of f per state (sums.mesh), with room for the sums of its windows."""
FIGURES = ("rashba_null", "equilibrium_cancellation", "convergence", "d_id_quantization", "d_id_maps")
LAST = {"rashba_lattice": 256, "rashba_in_plane": 128, "d_id": 256}


def read(run, kind: str, study: str) -> xr.Dataset:
    """The last response, sums or verdict of a study of the quick run."""
    kinds = {"responses": "responses", "sums": "sums", "verdicts": "verdict"}
    return io.read_dataset(run.results / kind / study / f"{LAST[study]}.nc", kinds[kind])


def test_the_run_is_complete_and_frugal(quick) -> None:
    assert quick.done.returncode == 0, quick.done.stderr
    for figure in FIGURES:
        for ending, start in (("png", b"\x89PNG"), ("pdf", b"%PDF"), ("nc", b"\x89HDF")):
            assert (quick.results / "figures" / f"{figure}.{ending}").read_bytes().startswith(start)
    assert (quick.results / "report.html").stat().st_size > 1e6
    assert 1 < len(quick.jobs) <= 20
    assert not [path for path in quick.results.rglob(".*") if path.is_file()], "left-over temporary files"


def test_the_exit_summary_has_every_verdict(quick) -> None:
    for study, points in LAST.items():
        assert re.search(rf"^{study} +converged at {points} points per axis: last changes", quick.done.stdout, re.M)
    assert "NOT" not in quick.done.stdout
    assert "All 3 studies converged." in (quick.results / "front_page.rst").read_text()


def test_every_rule_has_a_log(quick) -> None:
    logs = [path.relative_to(quick.results / "logs") for path in (quick.results / "logs").rglob("*.log")]
    rules = [rule for rule in quick.jobs if rule != "all"]
    assert len(logs) == len(rules)
    assert {log.parts[0].removesuffix(".log") for log in logs} == set(rules)
    for log in logs:
        assert re.search(r" INFO done in [\d.]+ s$", (quick.results / "logs" / log).read_text().rstrip())


def test_every_job_stayed_within_the_memory_that_it_asked_for(quick) -> None:
    for log in (quick.results / "logs").rglob("*.log"):
        peak, asked = map(int, re.search(r"peak memory (\d+) MiB of (\d+) MiB asked for", log.read_text()).groups())
        assert peak <= asked, log


def test_every_dataset_says_where_it_comes_from(project, quick) -> None:
    from cc_kernels.configuration import load_configuration

    configuration = content_hash(load_configuration(project.folder / "config" / "quick.yaml"))
    paths = sorted(quick.results.rglob("*.nc"))
    rules = {"models": "model", "sums": "level", "responses": "level", "verdicts": "level"}
    rules |= {"maps": "map", "figures": "figure"}
    for path in paths:
        attrs = io.read_attributes(path)
        folder = path.relative_to(quick.results).parts[0]
        rule = "kgrid" if ".shard" in path.name else rules[folder]
        assert attrs["provenance_rule"] == rule, path
        assert attrs["provenance_configuration"] == configuration, path
        parameters = json.loads(attrs["provenance_parameters"])
        assert attrs["provenance_source"] == parameters["sources"], path
        assert re.fullmatch(r"[0-9a-f]{64}", attrs["provenance_source"]), path
        assert {"python", "cc_kernels", "numpy", "numba"} <= set(json.loads(attrs["provenance_versions"])), path
        parents = json.loads(attrs["provenance_parents"])
        assert bool(parents) == (rule != "model"), path
        for name, checksum in parents.items():
            assert file_checksum(project.folder / name) == checksum, (path, name)
        if folder != "models":
            io.read_dataset(path)  # its own checksum is that of its content
    assert {path.relative_to(quick.results).parts[0] for path in paths} == set(rules)


@pytest.mark.parametrize("study", LAST)
def test_the_last_sums_hold_every_point_once(quick, study: str) -> None:
    sums, points = read(quick, "sums", study), LAST[study]
    assert sums.attrs["points"] == points**2
    pieces = json.loads(sums.attrs["pieces"])
    assert sum(stop - start for _, _, start, stop in pieces) == points**2
    assert [shape for shape, *_ in pieces] == [[points // 4] * 2, [points // 2] * 2, [points] * 2]
    assert [only_new for _, only_new, *_ in pieces] == [False, True, True]


def bound(run, study: str, name: str) -> float:
    """The verdict's error of a variable, with that of the energy mesh, in the variable's units."""
    verdict = read(run, "verdicts", study).sel(variable=name)
    return float(((verdict.error_estimate + MESH) * verdict.scale).max())


def test_d_id_is_quantized(quick) -> None:
    # At 100 K occupations of the gap's edge are exp(-0.27 eV/k_B T) = 3e-14, far below the verdict's error.
    response = read(quick, "responses", "d_id")
    cold = response.sel(temperature=100)
    assert abs(abs(float(cold.spin_hall_conductance)) - 2) <= bound(quick, "d_id", "spin_hall_conductance")
    assert abs(abs(float(cold.thermal_hall_over_T)) - 2) <= bound(quick, "d_id", "thermal_hall_over_T")
    assert abs(abs(float(response.chern_number)) - 2) <= bound(quick, "d_id", "chern_number")
    assert bound(quick, "d_id", "spin_hall_conductance") < 1e-3


def test_rashba_has_no_band_current(quick) -> None:
    # The spin expectation value vanishes in every state: what is left is rounding.
    response = read(quick, "responses", "rashba_lattice")
    assert float(abs(response.sigma_hall).max()) <= ROUNDING * float(response.sigma_hall_scale.max())


def test_the_net_current_vanishes(quick) -> None:
    response = read(quick, "responses", "rashba_in_plane")
    assert float(abs(response.net_current).max()) <= bound(quick, "rashba_in_plane", "net_current")
    assert float(abs(response.conventional_current).max()) > 1e4 * float(abs(response.net_current).max())


def test_a_second_run_has_nothing_to_do(project, quick, snapshot) -> None:
    before = snapshot(quick.results)
    again = project.figures("quick")
    assert again.done.returncode == 0
    assert "Nothing to be done" in again.done.stderr
    assert again.jobs == []
    assert again.done.stdout.split("figures ")[0] == quick.done.stdout.split("figures ")[0]
    assert snapshot(quick.results) == before


def pdf_text(path: Path) -> str:
    """The letters that a PDF of matplotlib shows, in the order of drawing, without spaces."""
    text = ""
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", path.read_bytes(), re.DOTALL):
        try:
            content = zlib.decompress(stream).decode("latin-1")
        except zlib.error:
            continue  # an image or a font
        for shown in re.findall(r"\[(.*?)\]\s+TJ|(\(.*?\))\s+Tj", content, re.DOTALL):
            text += "".join(re.findall(r"\(((?:[^()\\]|\\.)*)\)", "".join(shown)))
    return re.sub(r"[\x00\s]", "", text)


def test_an_unconverged_study_is_said_loudly(small) -> None:
    # Tolerance 1e-12 on grids of up to 32 x 32 points, which at 3000 K are only beginning to resolve the Fermi surface.
    assert small.done.returncode == 0
    assert re.search(
        r"^mine +NOT CONVERGED at 32 points per axis: \w+ at \S+ K, mu = \S+ eV: last changes", small.done.stdout, re.M
    )
    assert re.search(r"^lattice +converged at 32 points", small.done.stdout, re.M)
    assert "1 of 2 studies did NOT converge." in small.done.stderr
    page = (small.results / "front_page.rst").read_text()
    assert ":unconverged:`1 of 2 studies did not converge: mine.`" in page
    assert page.index("NOT CONVERGED") < page.index(">converged<"), "what failed comes first"
    assert "NOT CONVERGED" in (small.results / "report.html").read_text()
    data = io.read_dataset(small.results / "figures" / "equilibrium_cancellation.nc", "figure")
    assert json.loads(data.attrs["verdicts"])["mine"].startswith("NOT CONVERGED at 32 points")
    assert "NOTCONVERGEDat32pointsperaxis" in pdf_text(small.results / "figures" / "equilibrium_cancellation.pdf")
    assert "convergedat32pointsperaxis" in (shown := pdf_text(small.results / "figures" / "rashba_null.pdf"))
    assert "NOTCONVERGED" not in shown


def test_the_convergence_table(project, small) -> None:
    done = project.run("convergence", "--config", "config/small.yaml")
    assert done.returncode == 0
    row = re.search(r"^net_current +(\S+) +(\S+), (\S+) +(\S+) ", done.stdout, re.M)
    verdict = io.read_dataset(small.results / "verdicts" / "mine" / "32.nc").sel(variable="net_current")
    (kelvin,) = verdict.temperature.values
    printed = [kelvin, *verdict.change.values[-2:, 0], verdict.error_estimate.item()]
    np.testing.assert_allclose([float(text) for text in row.groups()], printed, rtol=0.05)  # two digits
    assert "1 of 2 studies did NOT converge." in done.stderr


def test_one_figure_says_what_did_not_converge(project, small) -> None:
    done = project.run("figure", "equilibrium_cancellation", "--config", "config/small.yaml", "--cores", "1")
    assert done.returncode == 0, done.stderr
    assert "Nothing to be done" in done.stderr
    assert re.search(r"^mine +NOT CONVERGED at 32 points", done.stdout, re.M)
    assert "lattice" not in done.stdout
    assert "1 of 1 studies did NOT converge." in done.stderr
    assert done.stdout.splitlines()[-3:] == [
        f"results/small/figures/equilibrium_cancellation.{ending}" for ending in ("png", "pdf", "nc")
    ]
