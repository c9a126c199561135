"""Models from a user's own Python file (`model: {file: my_model.py, function: build}` in the configuration)."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from importlib import invalidate_caches
from pathlib import Path
from threading import Timer
from types import ModuleType

from cc_kernels import _bytecode, checks
from cc_kernels.errors import InputError, stated
from cc_kernels.files import path_of
from cc_kernels.models.base import Model
from cc_kernels.models.signature import checked_arguments, first_line

_PREFIX = "cc_kernels_user_model_"
PATIENCE = 20.0
"""Seconds after which a file that is still running is said to be."""
_USER_FOLDERS: list[Path] = []
"""The folder of the user's file that was read last, whose neighbours it may import."""


def load_from_python(path: str | os.PathLike, function: str = "build", **parameters: object) -> Model:
    """Return the model that `function` of the Python file `path` builds from `parameters`.

    Errors: `InputError` where the file or the function is missing, a parameter is unknown, the code raises or exits
    (with the line), or what it returns is not a `Model`.
    """
    path = path_of("model.file", path)
    if not os.path.isfile(path):  # false for names that are too long, too
        raise InputError("model.file", str(path), "a Python file that exists")
    if not isinstance(function, str):
        raise InputError("model.function", function, "the name of a function")
    module = _executed(path)
    build = getattr(module, function, None)
    if not callable(build):
        own = [name for name, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__]
        checks.unknown_name(
            f"model.function in {path}", function, [name for name in own if callable(vars(module)[name])]
        )
    with _users_code(path):
        arguments = checked_arguments(build, parameters, f"{function} in {path}")
        model = build(**arguments)
    if not isinstance(model, Model):
        raise InputError(
            f"model.function {function} in {path}",
            stated(f"a return value of type {type(model).__name__}"),
            "a model: TightBinding, KDotP, or what build_model, from_function, ... return",
        )
    if model.name == "unnamed":
        model.name = path.stem
    model.description = model.description or first_line(build)
    model.parameters = model.parameters or arguments
    return model


def user_modules() -> list[ModuleType]:
    """The modules that are users' files: those with models, and the neighbours that they have imported."""
    return [
        module
        for name, module in list(sys.modules.items())
        if name.startswith(_PREFIX) or Path(getattr(module, "__file__", None) or "/").parent in _USER_FOLDERS
    ]


def _executed(path: Path) -> ModuleType:
    """Run the file as a module; from its source, since a cached compilation may be older than a quick edit."""
    module = ModuleType(f"{_PREFIX}{path.stem}")
    module.__file__ = str(path)
    _make_neighbours_importable(path.resolve().parent)
    sys.modules[module.__name__] = module  # dataclasses and pickles look their module up by name
    keep, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        with _users_code(path):
            exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    finally:
        sys.dont_write_bytecode = keep
    return module


@contextmanager
def _users_code(path: Path) -> Iterator[None]:
    """Whatever it raises is an `InputError` with the line, and what it prints stays out of a command's own output.

    That it may call `sys.exit`, or raise what Ctrl-C raises, is no reason to end without a message. Nobody knows how
    long it may take; of one that never returns the user is told, and learns from the message where it was.
    """
    text = f"{path} has been running for {PATIENCE:g} s; Ctrl-C ends it, and says in which line\n"
    reminder = Timer(PATIENCE, sys.stderr.write, [text])
    reminder.daemon = True
    reminder.start()
    try:
        with redirect_stdout(sys.stderr):
            yield
    except InputError:
        raise
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        raise _failure(path, error) from error
    finally:
        reminder.cancel()


def _make_neighbours_importable(folder: Path) -> None:
    """Let a user's file import others beside it, as they are now, and not those of the folder before."""
    for module in user_modules():
        sys.modules.pop(module.__name__, None)
    sys.path[:] = [entry for entry in sys.path if Path(entry) not in _USER_FOLDERS]
    _USER_FOLDERS[:] = [folder]
    _bytecode.load_by_content(str(folder))
    sys.path.append(str(folder))
    invalidate_caches()


def _failure(path: Path, error: BaseException) -> InputError:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else "?"
    given = stated(f"{type(error).__name__} in line {line}: {error}")
    return InputError(f"model.file {path}", given, "Python code that runs without an error")
