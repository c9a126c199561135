"""The configurations of the project, each with some keys or lines made wrong."""

from __future__ import annotations

import copy
import math
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from tests.workflow.fuzz.outcomes import Case
from tests.workflow.fuzz.pool import ABSURD, HUGE, PLAIN, one_of, text_of
from workflow.plan import Plan

ROOT = Path(__file__).resolve().parents[3]
GOOD = {name: (ROOT / f"config/{name}.yaml").read_text() for name in ("paper", "quick", "theory")}

MODEL_FILES = {
    "exits.py": "import sys\ndef build():\n    sys.exit('enough')\n",
    "interrupts.py": "raise KeyboardInterrupt\n",
    "prints.py": "import cc_kernels as cc\nprint('hello')\ndef build():\n    return cc.build_model('haldane')\n",
    "recurses.py": "def build():\n    return build()\n",
    "binary.py": "\0\0\0",
    "no_model.py": "build = 3\n",
    "annotated.py": "def build(*, t: 'nothing' = 1):\n    pass\n",
    "warns.py": "import warnings\nwarnings.warn('hm')\nclass build:\n    pass\n",
}
"""What a user's own file may do."""
NUMBERS = (*ABSURD, 0, -1, 1, 3, 1e-300, 10**6, 10**7, 10**9, 2**40, 0.1, 1e13, True, "8", None)
NAMES = (
    "",
    ".",
    "..",
    ".git",
    ".snakemake",
    "workflow",
    "cc_kernels",
    "./config",
    "/dev/null",
    "/proc/self",
    "a\0b",
    "a" * 300,
)
TRICKS: dict[str, Callable[[str], str]] = {
    "deep": lambda text: text + "more: " + "[" * 3000 + "]" * 3000,
    "deep mappings": lambda text: text + "\n".join(" " * n + "a:" for n in range(3000)),
    "a bomb": lambda text: (
        "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        + "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10))
        + "\n"
        + text
    ),
    "a bomb of merged keys": lambda text: (
        "m0: &m0 {a: 1}\n"
        + "\n".join(f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 9)}]}}" for n in range(1, 10))
        + "\n"
        + text
    ),
    "an alias of itself": lambda text: "a: &a [*a]\n" + text,
    "an alias of nothing": lambda text: text + "\nb: *nothing\n",
    "a tag": lambda text: text + "\nb: !!python/object/apply:os.getcwd []\n",
    "a set": lambda text: text + "\nstudies: !!set {a, b}\n",
    "a binary": lambda text: text + "\nname: !!binary aGVsbG8=\n",
    "a number that is none": lambda text: text + "\nname: !!int nothing\n",
    "two documents": lambda text: text + "\n---\n" + text,
    "nothing": lambda text: "",
    "a word": lambda text: "hello",
    "a NUL": lambda text: text[:200] + "\0" + text[200:],
    "a byte order mark": lambda text: "\ufeff" + text,
    "a tab": lambda text: text.replace("  ", "\t", 1),
    "a directive": lambda text: "%YAML 9.9\n---\n" + text,
    "a long number": lambda text: text.replace("300", "3" * 5000, 1),
    "a key that is no word": lambda text: text + "\n? [a, b]\n: 1\n",
    "a key that is a number": lambda text: text + "\n1: 2\n",
    "a large file": lambda text: text + "\nmore: [" + "1, " * 400_000 + "1]\n",
    "many values": lambda text: re.sub(r"mu: .*", "mu: {start: 0, stop: 1, num: 100000}", text, count=1),
    "many swept values": lambda text: re.sub(
        r"sweep: .*", "sweep: {t: {start: 0, stop: 1, num: 100000}}", text, count=1
    ),
    "many shards": lambda text: re.sub(r"( +)grid: ", r"\1shards: 1000000\n\1grid: ", text, count=1),
    "more shards than points": lambda text: re.sub(
        r"( +)grid: .*", r"\1shards: 17\n\1grid: {start: 4, largest: 4, tolerance: 0.1}", text, count=1
    ),
}


def cases(draw: random.Random) -> Iterator[Case]:
    """Without an end."""
    Plan.of_files([ROOT / "config/theory.yaml"]).check()  # imports that every case would wait for
    while True:
        name = one_of(draw, tuple(GOOD))
        text, what = GOOD[name], f"config/{name}.yaml"
        kind = draw.random()
        if kind < 0.2:
            trick = one_of(draw, tuple(TRICKS))
            text, what = TRICKS[trick](text), f"{what} with {trick}"
        elif kind < 0.3:
            text, what = _with_a_spoilt_line(draw, text, what)
        else:
            content = yaml.safe_load(text)
            for _ in range(draw.choice((1, 1, 1, 2, 3))):
                what += _spoil(draw, content)
            text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
        yield Case(what, lambda text=text: _checked(text), _objection)


def _checked(text: str) -> Plan:
    """As `make figures` does before anything starts."""
    for name, code in MODEL_FILES.items():
        Path(name).write_text(code)
    Path("bad.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    plan = Plan.of_files(["bad.yaml"])
    plan.check()
    return plan


def _objection(plan: Plan, warned: list[str]) -> str:
    """Is something absurd in a configuration that was accepted?"""
    configuration = plan.configuration
    for name, study in configuration.studies.items():
        numbers = [*study.mu_values, *study.temperature_values, *study.sweep_values]
        numbers += [value for value in study.model.parameters.values() if isinstance(value, int | float)]
        values = max(1, study.mu_values.size) * study.temperature_values.size * max(1, study.sweep_values.size)
        points = max(study.grid.largest, study.maps.grid if study.maps else 1) ** plan.model(name).dim
        allowed = {
            "numbers": all(math.isfinite(one) and abs(one) < 1e13 for one in numbers),
            "temperature": study.temperature_values.min() > 1e-9,
            "values": values < 1e7 and study.sweep_values.size < 1e4,
            "points": points < 1e12,
            "shards": study.shards <= min(10**4, study.grid.start**3) and study.threads < 10**4 and study.chunk < 10**8,
            "tolerance": 1e-17 < study.grid.tolerance < 1,
            "shift": all(abs(one) <= 1 for one in study.grid.shift_in(plan.model(name).dim, study.grid.levels[-1])),
            "degeneracy": (study.degeneracy_tolerance or 0) < 100,
        }
        if wrong := [what for what, is_right in allowed.items() if not is_right]:
            return f"{name}: {', '.join(wrong)}"
    parts = Path(configuration.results_folder).parts
    return "results" if {".git", ".snakemake", "workflow", "cc_kernels", "..", "dev", "proc"} & set(parts[:-1]) else ""


def _paths(content: object, before: tuple = ()) -> Iterator[tuple]:
    """The places of everything in a configuration."""
    if before:
        yield before
    pairs = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in pairs:
        yield from _paths(value, (*before, key))


def _spoil(draw: random.Random, content: dict) -> str:
    """Make one thing wrong; what it was, in words."""
    path = one_of(draw, tuple(_paths(content)))
    study = (
        one_of(draw, tuple(content["studies"]))
        if isinstance(content.get("studies"), dict) and content["studies"]
        else ""
    )
    extra = {
        "results": NAMES,
        "name": NAMES,
        f"studies.{study}.shards": NUMBERS,
        f"studies.{study}.threads": NUMBERS,
        f"studies.{study}.chunk": NUMBERS,
        f"studies.{study}.degeneracy_tolerance": NUMBERS,
        f"studies.{study}.symmetry": (*NAMES, {"point_group": "m-3m"}, {"time_reversal": True}, {"point_group": 4}),
        f"studies.{study}.temperature": (*NUMBERS, [1, HUGE], {"start": 1e-300, "stop": 1, "num": 5}),
        f"studies.{study}.mu": (*NUMBERS, {"start": -1e30, "stop": 1e30, "num": 5}, [0, 1e-300, 1e9]),
        f"studies.{study}.grid.start": NUMBERS,
        f"studies.{study}.grid.largest": (*NUMBERS, 2**20, 2**24),
        f"studies.{study}.grid.shift": (*NUMBERS, "2/3", "1/0", "9/4", "1/3/2", [0.5, "1/3"], ["1/3"] * 4, [[0.5]]),
        f"studies.{study}.grid.tolerance": NUMBERS,
        f"studies.{study}.maps": tuple({"grid": one, "quantities": ["energy"]} for one in NUMBERS),
        f"studies.{study}.sweep": tuple({"t": one} for one in NUMBERS),
        f"studies.{study}.model": tuple(
            {"file": one} for one in (*MODEL_FILES, "absent.py", ".", "", "\0", "/dev/zero")
        ),
        f"studies.{study}.store_bands": (True, 1, "yes"),
    }
    how = draw.random()
    if how < 0.4:
        key = one_of(draw, tuple(extra))
        path, value = tuple(key.split(".")), copy.deepcopy(one_of(draw, extra[key]))
    elif how < 0.5:
        path, value = (*path[:-1], one_of(draw, PLAIN)), 1
    else:
        value = copy.deepcopy(one_of(draw, PLAIN))
    parent: object = content
    for key in path[:-1]:
        inside = (isinstance(parent, dict) and key in parent) or (isinstance(parent, list) and key < len(parent))
        parent = parent[key] if inside else None
    is_there = isinstance(parent, dict) or (
        isinstance(parent, list) and isinstance(path[-1], int) and path[-1] < len(parent)
    )
    try:
        if not is_there:
            return ""
        if how > 0.95 and path[-1] in parent:
            del parent[path[-1]]
            return f", without {'.'.join(map(str, path))}"
        parent[path[-1]] = value
    except TypeError:  # a list is no key
        return ""
    return f", {'.'.join(map(str, path))[:80]} = {text_of(value)}"


def _with_a_spoilt_line(draw: random.Random, text: str, what: str) -> tuple[str, str]:
    """A line cut, doubled, indented or with another character."""
    lines = text.splitlines()
    number = draw.randrange(len(lines))
    line = lines[number]
    place = draw.randrange(len(line) + 1)
    other = draw.choice(
        (
            line[:place],
            f"{line}\n{line}",
            f" {line}",
            line[:place] + draw.choice("{}[]:,&*!|>'\"%@`#\\\t\x01é\U0001f600") + line[place:],
        )
    )
    lines[number] = other
    return "\n".join(lines), f"{what} with line {number + 1}: {other!r}"
