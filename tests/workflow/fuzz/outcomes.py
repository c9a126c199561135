"""What becomes of bad input: it is accepted, refused with a message, or a fault.

Every case runs in a process of its own, which may crash, hang or fill its memory without ending the others.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from cc_kernels.errors import InputError

ACCEPTED, REFUSED, FAULT = "accepted", "refused with a message", "FAULT"
SECONDS = 5.0
"""Longer is a fault: a refusal takes milliseconds, and what the good input asks for a second."""
MEMORY = 12 * 2**30
MOST_LINES, LONGEST_LINE = 25, 1500


@dataclass(frozen=True)
class Case:
    """One bad input.

    Attributes
    ----------
    what : the case in words, enough to write it down as a test.
    call : runs in an empty folder.
    objection : what is wrong with a result, given the warnings, where it should not have been accepted; else empty.
    """

    what: str
    call: Callable[[], object]
    objection: Callable[[object, list[str]], str] = lambda result, warned: ""


def outcome_of(case: Case) -> tuple[str, str]:
    """How it ended, and the message or the fault."""
    reading, writing = os.pipe()
    if not (child := os.fork()):
        try:
            os.close(reading)
            os.write(writing, json.dumps(_attempted(case)).encode()[: 2**16])
        finally:
            os._exit(0)
    os.close(writing)
    begin = time.monotonic()
    try:
        ready, _, _ = select.select([reading], [], [], SECONDS)
        if not ready:
            return FAULT, f"longer than {SECONDS:g} s"
        text = os.read(reading, 2**17)
        return tuple(json.loads(text)) if text else (FAULT, f"the process died after {time.monotonic() - begin:.1f} s")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reading)


def _attempted(case: Case) -> tuple[str, str]:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(record=True) as warned:
        os.chdir(folder)
        warnings.simplefilter("always")
        try:
            with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
                result = case.call()
                objection = case.objection(result, [str(one.message) for one in warned])
        except InputError as error:
            problem = _of_message(str(error)) or ("it has left files" if any(Path(folder).glob("*.part")) else "")
            return (FAULT, f"{problem}: {error}") if problem else (REFUSED, str(error))
        except BaseException as error:
            is_call = isinstance(error, TypeError) and "got an unexpected keyword argument" in str(error)
            return (REFUSED, str(error)) if is_call else (FAULT, _last_lines(error))
    return (FAULT, objection) if objection else (ACCEPTED, "")


def _of_message(text: str) -> str:
    """What is wrong with a message."""
    if ": got " not in text or "; allowed: " not in text:
        return "a message without its three parts"
    lines = text.splitlines()
    return "a message of many pages" if len(lines) > MOST_LINES or max(map(len, lines)) > LONGEST_LINE else ""


def _last_lines(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [f"{Path(one.filename).name}:{one.lineno}" for one in frames if "cc_kernels" in one.filename] or ["?"]
    return f"{type(error).__name__} at {own[-1]} ({frames[-1].name}): {' '.join(str(error).split())[:200]}"


def table_of(cases: Iterable[Case], show: Callable[[str], None]) -> Counter:
    """Run all cases; faults are shown at once."""
    counts = Counter({ACCEPTED: 0, REFUSED: 0, FAULT: 0})
    for case in cases:
        how, text = outcome_of(case)
        counts[how] += 1
        if how == FAULT:
            show(f"{FAULT}: {case.what}\n    {text[:500]}")
        elif os.environ.get("FUZZ_VERBOSE"):
            show(f"{how}: {case.what}\n    {text}")
    return counts
