"""A program under measurement: it answers requests, one JSON line each, until its input ends.

One process per row of the table stays for all repeats, so that compiling, importing and warming up are outside the
timings, repeats of different programs alternate, and the peak memory is the program's own.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable


def serve(build: Callable[[], Callable[..., object]], warm_up: dict[str, object], versions: dict[str, str]) -> None:
    """Answer {"do": "values", ...} with what `build()(...)` returns, and {"do": "time", ...} with its seconds."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is not an answer

    def answer(value: object) -> None:
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    run = build()
    built = peak_memory()
    run(**warm_up)
    answer({"versions": versions})
    for line in sys.stdin:
        request = json.loads(line)
        what = request.pop("do")
        start = time.perf_counter()
        values = run(**request)
        seconds = time.perf_counter() - start
        if what == "values":
            answer(values)
        else:
            fixed = getattr(values, "attrs", {}).get("evaluation_seconds", 0.0)
            answer({"seconds": seconds, "evaluation": fixed, "peak": peak_memory(), "built": built})


def peak_memory() -> float:
    """MiB; Linux's VmHWM begins anew with a program, while `ru_maxrss` takes over that of the one that started it."""
    with open("/proc/self/status", encoding="ascii") as file:
        return int(next(line for line in file if line.startswith("VmHWM")).split()[1]) / 1024
