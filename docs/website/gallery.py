"""The page of all figure kinds: what each shows, its picture where there is one, the configuration that makes it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from cc_kernels.configuration import load_configuration
from cc_kernels.plotting.kind_files import figure_kinds
from cc_kernels.plotting.kinds import load_kind
from docs.website.texts import markdown, paragraphs

ROOT = Path(__file__).resolve().parents[2]
# Where a figure is in several configurations, the first of these is shown.
FIRST = ("paper", "theory", "materials", "quick")

HEAD = """# Gallery

Every figure kind, with the part of a configuration that makes it. Click on a picture to get to it. A kind draws any
study that has the responses it needs; [configuration](configuration.md#all-figure-kinds) lists them. Pictures are those
that lay in `results/` when this page was built.

"""


@dataclass(frozen=True)
class Source:
    """A figure in a configuration file: `name` of the figure, and the `text` that makes it, as it is written there."""

    path: Path
    results: str
    name: str
    text: str

    @property
    def command(self) -> str:
        """What makes the figure alone."""
        return f"make figure NAME={self.name} CONFIG={self.path.relative_to(ROOT).as_posix()}"

    def picture(self) -> Path | None:
        """The picture, if there is one: of a run, or of the paper's figures the one that lies in docs/images."""
        places = [ROOT / self.results / "figures", *[ROOT / "docs" / "images"] * (self.path.stem == FIRST[0])]
        return next((place / f"{self.name}.png" for place in places if (place / f"{self.name}.png").is_file()), None)


def page(folder: Path) -> str:
    """The text of the page; pictures are copied to `folder`."""
    sources: dict[str, list[Source]] = {kind: [] for kind in figure_kinds()}
    for kind, source in _sources():
        sources[kind].append(source)
    for found in sources.values():  # text and picture belong together
        found.sort(key=lambda source: source.picture() is None)
    pictures = {kind: _copied(folder, kind, sources[kind]) for kind in sources}
    cards = "".join(_card(kind, picture) for kind, picture in pictures.items() if picture)
    grid = f"::::{{grid}} 1 2 3 3\n:gutter: 2\n\n{cards}::::\n" if cards else ""
    return HEAD + grid + "".join(_section(kind, sources[kind], pictures[kind]) for kind in sources)


def _card(kind: str, picture: str) -> str:
    return (
        f":::{{grid-item-card}} {kind}\n:img-top: {picture}\n:link: {_anchor(kind)}\n:link-type: ref\n"
        ":text-align: center\n:class-title: gallery-title\n:::\n\n"
    )


def _anchor(kind: str) -> str:
    return f"figure-{kind}"


def _section(kind: str, sources: list[Source], picture: str | None) -> str:
    module = load_kind(kind)
    parts = [f"\n({_anchor(kind)})=\n## {kind}", markdown(paragraphs(module.__doc__)[0])]
    if picture:
        parts.append(f"```{{image}} {picture}\n:alt: {kind}\n```")
    if not sources:
        parts.append(
            "No configuration of this repository names it. In your own, under `figures:`,\n"
            f"`{kind}: {{studies: [...]}}`, then `make figure NAME={kind} CONFIG=...`."
        )
    else:
        made = "" if picture else " No picture is there yet; this command makes it."
        file, source = sources[0].path.relative_to(ROOT).as_posix(), sources[0]
        others = ", ".join(f"`{one.path.relative_to(ROOT).as_posix()}`" for one in sources[1:])
        parts += [
            f"From `{file}`{' (also in ' + others + ')' if others else ''}.{made}",
            f"```sh\n{source.command}\n```",
            f"````{{dropdown}} The configuration\n```yaml\n{source.text}```\n````",
        ]
    return "\n\n".join([*parts, f"*Caption.* {markdown(_caption(module.CAPTION))}"]) + "\n"


def _caption(caption: object) -> str:
    return " ".join(str(caption).split())


def _copied(folder: Path, kind: str, sources: list[Source]) -> str | None:
    picture = sources[0].picture() if sources else None
    if picture is None:
        return None
    (folder / "pictures").mkdir(exist_ok=True)
    shutil.copyfile(picture, folder / "pictures" / f"{kind}.png")
    return f"pictures/{kind}.png"


def _sources() -> Iterator[tuple[str, Source]]:
    """Kind and source of every figure of every configuration file."""
    files = sorted((ROOT / "config").glob("*.yaml"), key=lambda path: (*(path.stem != name for name in FIRST), path))
    for path in files:
        text = path.read_text(encoding="utf-8")
        if not {"studies", "figures"} <= set(yaml.safe_load(text)):
            continue
        configuration = load_configuration(path)
        lines = {part: _entries(text, part) for part in ("studies", "figures")}
        results = Path(configuration.results) / configuration.name
        for name, figure in configuration.figures.items():
            blocks = [lines["studies"][study] for study in figure.studies]
            made = "studies:\n" + "\n".join(blocks) + "\nfigures:\n" + lines["figures"][name]
            yield configuration.figure_kind(name), Source(path, results.as_posix(), name, made)


def _entries(text: str, part: str) -> dict[str, str]:
    """The entries below a top-level key, each as it is written, with the comment above it."""
    root = yaml.compose(text)
    table = next(value for key, value in root.value if key.value == part)
    lines = text.splitlines()
    starts = [key.start_mark.line for key, _ in table.value]
    ends = [*starts[1:], table.end_mark.line if table.end_mark.line > starts[-1] else len(lines)]
    entries = {}
    for (key, _), start, end in zip(table.value, starts, ends, strict=True):
        while lines[start - 1].lstrip().startswith("#"):
            start -= 1
        entry = lines[start:end]
        while entry and (not entry[-1].strip() or entry[-1].lstrip().startswith("#")):
            entry.pop()
        entries[key.value] = "\n".join(entry) + "\n"
    return entries
