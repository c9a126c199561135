"""The page of all public names, by the room of the package in which each is defined."""

from __future__ import annotations

import importlib
from pathlib import Path

import cc_kernels as cc
from docs.website.texts import paragraphs, restructured

# Rooms in the order in which data flow; others follow.
ORDER = ["models", "geometry", "responses", "scattering", "verdict", "study", "sums", "grid", "io", "errors"]

HEAD = """API reference
=============

``import cc_kernels as cc``. Everything after the model is a keyword. Chemical potentials are in eV, temperatures in
kelvin; results are ``xarray.Dataset`` objects whose variables carry ``units``, ``long_name`` and ``formula``.

"""


def page(folder: Path) -> str:
    """A table for every room; Sphinx makes a page for every name."""
    rooms: dict[str, list[str]] = {}
    for name in cc.__all__:
        rooms.setdefault(getattr(cc, name).__module__.split(".")[1], []).append(name)
    order = sorted(rooms, key=lambda room: (ORDER.index(room) if room in ORDER else len(ORDER), room))
    return HEAD + "\n".join(_section(room, rooms[room]) for room in order)


def _section(room: str, names: list[str]) -> str:
    title = room.capitalize() if len(room) > 2 else "Files"
    told = restructured(paragraphs(importlib.import_module(f"cc_kernels.{room}").__doc__)[0])
    listed = "".join(f"   {name}\n" for name in names)
    return f"""{title}
{"-" * len(title)}

{told}

.. currentmodule:: cc_kernels

.. autosummary::
   :toctree: api

{listed}
"""
