"""The page of the named models, from `cc.list_models` and the docstrings of their files."""

from __future__ import annotations

import importlib
from pathlib import Path

import cc_kernels as cc
from cc_kernels.models import library
from cc_kernels.models.named import ModelInfo, model_symmetries
from docs.website.texts import markdown, paragraphs

HEAD = """# Named models

`cc.build_model(name, ...)`, or in a configuration `model: {name: ..., parameters}`. Energies are in eV and lengths in
angstrom; parameters that are left out have the defaults shown here. `print(cc.list_models())` prints this list, and
[the how-to](how-to.md) tells how to write down a model of one's own.

| name | dimensions | bands | operators (unit) |
| --- | --- | --- | --- |
"""


def page(folder: Path) -> str:
    """The table of all models, and a section for each."""
    rows, sections = [], []
    for name, info in cc.list_models().items():
        model = cc.build_model(name)
        operators = ", ".join(f"`{key}` ({unit})" for key, unit in info.operators.items())
        rows.append(f"| [`{name}`](#{name}) | {model.dim} | {model.num_bands} | {operators} |\n")
        sections.append(_section(name, info, model))
    return HEAD + "".join(rows) + "".join(sections)


def _section(name: str, info: ModelInfo, model: cc.Model) -> str:
    build = importlib.import_module(f"{library.__name__}.{name}").build
    told = [markdown(text) for text in paragraphs(build.__doc__)]
    parameters = ", ".join(f"{key} = {value}" for key, value in info.defaults.items())
    symmetries = ", ".join(f"`{one.name}`" for one in model_symmetries(model) if one.holds)
    lines = [*told, f"Defaults: `{parameters}`"]
    lines += [f"Symmetries at the defaults: {symmetries}"] if symmetries else []
    return f"\n## {name}\n\n" + "\n\n".join(lines) + "\n"
