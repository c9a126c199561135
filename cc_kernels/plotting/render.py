"""From results to files: the figure for the screen, for print, and the data that it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from cc_kernels.errors import InputError
from cc_kernels.files import path_of, refuse_no_place, replacing
from cc_kernels.io import content_when_written, write_dataset
from cc_kernels.plotting import kinds as registry
from cc_kernels.plotting import style
from cc_kernels.plotting.study_result import StudyResult
from cc_kernels.provenance.embedded import PDF_KEY, PNG_KEY, embedded
from cc_kernels.provenance.stamps import BESIDE

KIND = "figure"
"""`cc_kind` of the data files."""


def render(
    kind: str, results: Sequence[StudyResult], stem: str | Path, attrs: Mapping[str, Any] | None = None
) -> list[Path]:
    """Draw a figure and write `<stem>.png` (200 dpi), `<stem>.pdf` and its data `<stem>.nc`.

    Two runs give the same bytes. Each file appears under its name only when it is whole.

    Parameters
    ----------
    kind : of `kind_files.figure_kinds`.
    results : the studies to show.
    stem : path of the files without their endings.
    attrs : attributes of the data file beyond those of the plotted data (provenance, ...).

    Raises
    ------
    InputError : for an unknown kind, and for a result that lacks what the kind shows.
    """
    stem, results = path_of("stem", stem), _checked_results(results)
    if not isinstance(attrs, Mapping | None):
        raise InputError("attrs", attrs, "a mapping of names and values, or nothing")
    module = registry.load_kind(kind)
    registry.check_results(kind, results)
    paths = [stem.parent / f"{stem.name}.{ending}" for ending in ("png", "pdf", "nc")]
    for path in paths:
        refuse_no_place(path)
    with style.house_style():
        figure, data = module.draw(results)
        style.stamp_verdict(figure, results, paths[2].name, data)
        data = data.assign_attrs(caption=module.CAPTION, figure_kind=kind)
        origin = embedded(content_when_written(data, attrs, KIND), attrs or {})
        style.freeze_layout(figure)
        png = BytesIO()
        figure.savefig(png, format="png", metadata={"Title": stem.name, "Software": "cc_kernels", PNG_KEY: origin})
        pdf = _as_pdf(figure, stem.name, origin)
    pictures = {paths[1]: pdf, paths[0]: png.getvalue()}
    checksums = {path.name: sha256(content).hexdigest() for path, content in pictures.items()}
    write_dataset(data, paths[2], {**(attrs or {}), BESIDE: checksums}, kind=KIND)
    for path, content in pictures.items():
        with replacing(path) as temporary:
            temporary.write_bytes(content)
    return paths


def render_for_print(kind: str, results: Sequence[StudyResult], path: Path, attrs: Mapping[str, Any]) -> None:
    """Draw the panels alone, as PDF at the width of one or two columns: a paper has its caption for the rest.

    A study that has not converged is still named in red below them.

    Parameters
    ----------
    kind, results : as in `render`.
    path : of the PDF.
    attrs : the attributes of the figure's data file.
    """
    with style.house_style():
        figure, _ = registry.load_kind(kind).draw(results)
        if doubtful := [result for result in results if not result.converged]:
            style.stamp_verdict(figure, doubtful)
        style.freeze_layout(figure)
        content = _as_pdf(figure, path.stem, embedded(str(attrs["cc_content"]), attrs))
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def _as_pdf(figure: Figure, title: str, origin: str) -> bytes:
    """Without a date, two runs give the same file."""
    content = BytesIO()
    metadata = {"Title": title, "Creator": "cc_kernels", "CreationDate": None, PDF_KEY: origin}
    figure.savefig(content, format="pdf", metadata=metadata)
    return content.getvalue()


def _checked_results(results: object) -> list[StudyResult]:
    is_list = isinstance(results, list | tuple) and results
    if not is_list or not all(isinstance(one, StudyResult) for one in results):
        raise InputError("results", results, "a list of `StudyResult`, one for each study")
    return list(results)
