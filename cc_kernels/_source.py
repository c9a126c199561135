"""What a source file computes, apart from how it is written, and which other files of this project it uses.

What cannot change a number is left out: comments, docstrings, layout, what an error says, and the files of `PLUMBING`.

Facts about a file are kept in the cache folder under the hash of its bytes:
every job of a workflow asks for the same hundred files.
"""

from __future__ import annotations

import ast
import json
import os
import sys
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from cc_kernels._cache import cache_folder
from cc_kernels.errors import InputError, stated

PACKAGE = "cc_kernels"
ROOT = Path(__file__).resolve().parents[1]
_LOCAL = (PACKAGE, "workflow")
PLUMBING = (
    *(f"{PACKAGE}/{name}.py" for name in ("_bytecode", "_cache", "_lazy", "_source", "errors", "files", "progress")),
    *(f"{PACKAGE}/{name}.py" for name in ("checksums", "damaged_files", "hdf5_heaps", "io")),
    f"{PACKAGE}/provenance/",
    f"{PACKAGE}/study/shared_cache.py",
    "workflow/__init__.py",
    "workflow/cluster.py",
    "workflow/job.py",
    "workflow/job_logs.py",
    "workflow/lock.py",
)
"""Files and folders that carry numbers from one place to another (locks, logs, messages, provenance), and of `io` the
layout of files, whose changes raise `io.FORMAT`, so that files of another are refused. What they import counts no more
than they do: what computes is also imported by what calls it."""


@dataclass(frozen=True)
class Facts:
    """What counts of one file.

    Attributes
    ----------
    digest : the hash of its normal form.
    imports : ``a.b`` or ``a.b:name``, with leading dots where they are relative.
    names : name -> module of what a package loads on first use (`cc_kernels._lazy`).
    """

    digest: str
    imports: tuple[str, ...]
    names: dict[str, str]


def normal_form(source: str | bytes, name: str = "<source>") -> tuple[str, ast.Module]:
    """Source without comments, docstrings, layout and the words of what it raises, and its syntax tree.

    Strings that stand alone as a statement do nothing and are dropped; a string that is used stays.
    """
    try:
        tree = ast.parse(source, name)
    except SyntaxError as error:
        raise InputError(name, stated(f"a syntax error in line {error.lineno}: {error.msg}"), "Python code") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            # The first of an InputError is its key, by which code may act.
            node.exc.args[1:] = [_Wordless().visit(argument) for argument in node.exc.args[1:]]
        for block in ("body", "orelse", "finalbody"):
            statements = getattr(node, block, None)
            if isinstance(statements, list) and any(map(_is_idle, statements)):
                kept = [statement for statement in statements if not _is_idle(statement)]
                setattr(node, block, kept or ([ast.Pass()] if block == "body" else []))
    return ast.unparse(tree), tree


def facts(path: Path) -> Facts:
    """The facts about a file as it is now."""
    return facts_of(path.read_bytes(), str(path))


def facts_of(content: bytes, name: str = "<source>") -> Facts:
    """The facts about a source, from memory, from the cache folder, or by parsing it."""
    key = sha256(content).hexdigest()
    memory = _memory()
    if key not in memory:
        text, tree = normal_form(content, name)
        memory[key] = Facts(sha256(text.encode()).hexdigest(), tuple(sorted(set(_imports(tree)))), _lazy_names(tree))
    return memory[key]


def closure(files: Iterable[Path], root: Path = ROOT) -> set[Path]:
    """The files, and everything of this project that they import, directly or not, at the top or inside functions.

    Who imports a name that a package loads on first use, uses the module behind it; who imports or starts from such a
    package, all of its modules. The ``__init__`` of cc_kernels itself only looks names up and does not count, nor does
    `PLUMBING`.
    """
    known = len(_memory())
    found: set[Path] = set()
    root = root.resolve()
    plumbing = tuple(str(root / name) + ("/" if name.endswith("/") else "") for name in PLUMBING)
    waiting = [path.resolve() for path in files]
    waiting += [path for start in waiting for path in _behind(start, root)]
    while waiting:
        path = waiting.pop()
        if path in found or str(path).startswith(plumbing):
            continue
        found.add(path)
        for name in facts(path).imports:
            waiting.extend(_resolve(name, path, root))
    if len(_memory()) > known:
        _remember()
    return found


def module_file(name: str, root: Path = ROOT) -> Path | None:
    """The file of a module or package below `root`, or None."""
    base = root.joinpath(*name.split("."))
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


class _Wordless(ast.NodeTransformer):
    """Every text becomes the empty one."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("") if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.Constant:
        return ast.Constant("")


def _is_idle(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _imports(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield from (f"{'.' * child.level}{child.module or ''}:{alias.name}" for alias in child.names)
        elif isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for statement in child.orelse:
                yield from _imports(ast.Module([statement], []))
        else:
            yield from _imports(child)


@cache
def _resolve(name: str, importer: Path, root: Path) -> tuple[Path, ...]:
    """The files that one import executes: the module, the packages above it, a submodule that it names.

    Remembered, for the rules of a workflow ask for the same thousand imports; files do not move while it starts.
    """
    return tuple(_found(name, importer, root))


def _lazy_names(tree: ast.Module) -> dict[str, str]:
    """The table in ``lazy(__name__, {name: module, ...})``."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and ast.unparse(call).startswith("lazy(__name__, "):
            return ast.literal_eval(call.args[1])
    return {}


def _found(name: str, importer: Path, root: Path) -> Iterator[Path]:
    module, _, attribute = name.partition(":")
    level = len(module) - len(module.lstrip("."))
    if level:
        base, module = importer.parents[level - 1], module.lstrip(".")
        if base.is_relative_to(root):
            module = ".".join([*base.relative_to(root).parts, *filter(None, [module])])
            base = root
    elif module.split(".")[0] in _LOCAL:
        base = root
    else:  # a neighbour of a script or of a user's file; inside the package, imports are of the package or foreign
        base = importer.parent
        if base.is_relative_to(root / PACKAGE):
            return
    parts = module.split(".") if module else []
    for length in range(1, len(parts) + 1):
        path = module_file(".".join(parts[:length]), base)
        if path is not None and path != root / PACKAGE / "__init__.py":
            yield path
    package = module_file(module, base) if module else None
    submodule = module_file(".".join([*parts, attribute]), base) if attribute else None
    if submodule is not None:
        yield submodule
        yield from _behind(submodule, root)
    elif package is not None:
        yield from _behind(package, root, attribute)


def _behind(package: Path, root: Path, name: str = "") -> Iterator[Path]:
    """The files behind one name, or behind all, that a package loads on first use."""
    names = facts(package).names if package.name == "__init__.py" else {}
    wanted = names.items() if name in ("", "*") else [(name, names[name])] if name in names else []
    for one, home in wanted:
        yield from _resolve(".".join([*package.parent.relative_to(root).parts, home]) + f":{one}", package, root)


@cache
def _memory_file() -> Path:
    own = sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    return cache_folder() / f"sources-{sys.version_info.major}.{sys.version_info.minor}-{own}.json"


@cache
def _memory() -> dict[str, Facts]:
    try:
        stored = json.loads(_memory_file().read_text())
        return {key: Facts(digest, tuple(imports), names) for key, (digest, imports, names) in stored.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _remember() -> None:
    """Keep what was learned; of jobs that write at the same time, one wins, and the others' facts are found again."""
    target = _memory_file()
    temporary = target.with_name(f"{target.name}.{uuid.uuid4().hex[:8]}")
    try:
        temporary.write_text(json.dumps({key: [one.digest, one.imports, one.names] for key, one in _memory().items()}))
        os.replace(temporary, target)
    except OSError:
        temporary.unlink(missing_ok=True)
