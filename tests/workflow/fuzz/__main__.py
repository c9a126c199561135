"""Bad input by the hundreds, the same for a seed: configurations, calls of the Python interface, files.

    python -m tests.workflow.fuzz [--configurations 500] [--calls 400] [--files 100] [--seed 1]

Prints a table of what became of it, and every fault with its case; `make test-fuzz` calls this. A fault is any
exception but `InputError` (or Python's own `TypeError` for an argument that there is not), more than five seconds, or
an absurd value that is accepted without a word.
"""

from __future__ import annotations

import argparse
import random
import sys
from itertools import islice

from tests.workflow.fuzz.outcomes import ACCEPTED, FAULT, REFUSED, table_of

KINDS = ("configurations", "calls", "files")


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.workflow.fuzz", description=__doc__)
    for kind, number in zip(KINDS, (500, 400, 100), strict=True):
        parser.add_argument(f"--{kind}", type=int, default=number, help=f"how many {kind}")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rows, begun = [], vars(options)
    for kind in KINDS:
        if number := begun[kind]:
            cases = _cases(kind, random.Random(f"{kind} {options.seed}"))
            counts = table_of(islice(cases, number), lambda text: print(text, flush=True))
            rows.append((kind, number, *(counts[how] for how in (ACCEPTED, REFUSED, FAULT))))
    print(f"{'':16}{'cases':>8}{ACCEPTED:>12}{REFUSED:>25}{FAULT:>8}")
    for kind, number, accepted, refused, faults in rows:
        print(f"{kind:16}{number:8}{accepted:12}{refused:25}{faults:8}")
    return int(any(row[-1] for row in rows))


def _cases(kind: str, draw: random.Random):
    """Imported here: what one kind needs, the others do not wait for."""
    if kind == "configurations":
        from tests.workflow.fuzz.configurations import cases
    elif kind == "calls":
        from tests.workflow.fuzz.calls import cases
    else:
        from tests.workflow.fuzz.spoilt import cases
    return cases(draw)


if __name__ == "__main__":
    sys.exit(main())
