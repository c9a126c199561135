"""The named models: one file each in `library/`, found by its name and imported only when it is asked for."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from cc_kernels import checks
from cc_kernels.models import library
from cc_kernels.models.base import Model
from cc_kernels.models.signature import checked_arguments, first_line, units_of
from cc_kernels.models.symmetry import Symmetry


@dataclass(frozen=True)
class ModelInfo:
    """What `list_models` says of a model.

    Attributes
    ----------
    name, description : str
    parameters : name -> default, a number or a text.
    operators : name -> unit: hbar (a spin), e (a charge) or 1 (a number).
    units : name of a parameter -> unit; of a text, what it may be ("neel or ferro").
    """

    name: str
    description: str
    parameters: dict[str, float | str]
    operators: dict[str, str]
    units: dict[str, str]

    @property
    def defaults(self) -> dict[str, str]:
        """Parameters as a reader would write them."""
        return {key: value if isinstance(value, str) else f"{value:.6g}" for key, value in self.parameters.items()}

    def __str__(self) -> str:
        parameters = ", ".join(f"{key}={value} [{self.units[key]}]" for key, value in self.defaults.items())
        operators = ", ".join(f"{key} [{unit}]" for key, unit in self.operators.items())
        return f"{self.name}: {self.description}\n    parameters: {parameters}\n    operators:  {operators}"


class ModelTable(dict[str, ModelInfo]):
    """The named models by name; prints as a readable list."""

    def __repr__(self) -> str:
        return "\n".join(str(info) for info in self.values())

    __str__ = __repr__


def model_names() -> list[str]:
    """Return the names of all named models, sorted, without importing any."""
    return sorted(module.name for module in pkgutil.iter_modules(library.__path__) if not module.name.startswith("_"))


def model_file(name: str) -> Path:
    """Return the file that defines the named model; reruns follow its content."""
    _check_name(name)
    return Path(next(iter(library.__path__))) / f"{name}.py"


def build_model(name: str, **parameters: float | str) -> Model:
    """Return the named model; parameters by keyword, the rest at their defaults (see `list_models`).

    Errors: `InputError` for an unknown model or parameter (with close matches), and for a value of the wrong kind.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> cc.build_model("rashba_square", alpha=0.4).num_bands
    2
    """
    build = _module(name).build
    arguments = checked_arguments(build, parameters, f"the model {name}")
    model = build(**arguments)
    model.name, model.description, model.parameters = name, first_line(build), arguments
    return model


def list_models() -> ModelTable:
    """Return name -> `ModelInfo` of every named model; printing it gives a readable list.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> models = cc.list_models()
    >>> print(models["massive_dirac"])
    massive_dirac: Massive Dirac electrons in the continuum: H = v(kx s_x + ky s_y) + mass s_z.
        parameters: v=1 [eV angstrom], mass=0.5 [eV], k_max=5 [1/angstrom]
        operators:  charge [e], spin_z [hbar]
    >>> models["massive_dirac"].units["v"]
    'eV angstrom'
    """
    table = ModelTable()
    for name in model_names():
        model = build_model(name)
        operators = {key: operator.unit for key, operator in model.operators.items()}
        units = units_of(_module(name).build)
        table[name] = ModelInfo(name, model.description, model.parameters, operators, units)
    return table


def model_symmetries(model: Model) -> list[Symmetry]:
    """Return what a named model declares: its symmetries, and those that its parameters break, with what breaks them.

    >>> [one.name for one in model_symmetries(build_model("rashba_square", bz=0.1)) if one.holds]
    ['C2', 'C4', 'My T', 'Mx T', 'Mxy T']
    """
    return _module(model.name).symmetries(model)


def _check_name(name: str) -> None:
    names = model_names()
    if not isinstance(name, str) or name not in names:
        checks.unknown_name("model name", name, names)


def _module(name: str) -> ModuleType:
    _check_name(name)
    return importlib.import_module(f"{library.__name__}.{name}")
