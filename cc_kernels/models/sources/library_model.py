"""Named models, which come with the package."""

from __future__ import annotations

from cc_kernels.models.named import build_model
from cc_kernels.models.sources import Key, Source

SOURCE = Source(
    key="name",
    build=build_model,
    description="A model that comes with the package; its parameters are further keys.",
    keys={
        "name": Key("A named model; all other keys are its parameters (see `cc_kernels.list_models()`).", default=...)
    },
    code=lambda name: f"cc_kernels.models.library.{name}",
    takes_parameters=True,
    title=lambda keys: str(keys["name"]),
)
