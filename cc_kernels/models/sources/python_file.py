"""Models from one's own Python file."""

from __future__ import annotations

from pathlib import Path

from cc_kernels.models.from_file import load_from_python
from cc_kernels.models.sources import Key, Source

SOURCE = Source(
    key="file",
    build=load_from_python,
    description="A model from one's own Python file; the function's parameters are further keys.",
    keys={
        "file": Key("A Python file of one's own; relative to the configuration file.", default=..., is_file=True),
        "function": Key(
            "The function in `file` that returns the model; all other keys are its parameters.", default="build"
        ),
    },
    code=Path,
    takes_parameters=True,
    may_be_code=True,
    title=lambda keys: f"{Path(keys['file']).name}: {keys['function']}",
)
