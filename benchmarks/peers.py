"""This project beside wannierberri, sisl, PythTB, naive batched numpy and eigh alone; and how its cost scales.

Run on request, `make bench BENCH_ARGS="peers [--quick] [--scaling]"`; it asserts nothing about time. The other
libraries live in an environment of their own, which the first run makes. Values are compared first. Every row is a
process of its own with one thread; each grid takes about the same time; repeats alternate between the rows, and the
best one counts. Ratios within one run mean something; the absolute times are this machine's.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.against.case import Case, library_case, random_case
from benchmarks.own_process import ROOT
from cc_kernels.units import KELVIN

REQUIREMENTS = ROOT / "benchmarks" / "against" / "requirements.txt"
RESULTS = ROOT / "benchmarks" / "results"
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
MU, TEMPERATURE = np.linspace(-1, 1, 100).tolist(), [100.0, 150.0, 200.0, 250.0, 300.0]
CHECK_GRID = 12

OURS = {
    "transport": "all of transport",
    "two variables": "sigma_conventional, sigma_intrinsic",
    "hall and magnetization": "sigma_conventional, magnetization",
    "transport, folded": "all of transport, folded",
    "hall and magnetization, folded": "sigma_conventional, M, folded",
    "naive": "naive numpy: Hall, M",
    "eigh": "eigh alone",
}
THEIRS = {
    "wannierberri hall": "wannierberri: Hall",
    "wannierberri magnetization": "wannierberri: M",
    "wannierberri both": "wannierberri: Hall, M",
    "sisl hall": "sisl: Hall",
    "pythtb hall": "PythTB: Berry flux of a gap",
}
NOTES = """\
Hall is the anomalous one of haldane and the spin Hall one, {v, s}/2, elsewhere; M is the orbital magnetization: of
charge, and of s in this project's row where s is not the charge. This project evaluates 100 mu and 5 temperatures,
the others 100 mu at T = 0.
folded: as a call without `symmetry` does; k-points are those of the whole grid. All other rows evaluate every point.
wannierberri: static calculators, internal terms, spin current "simple", no symmetry, in serial.
sisl: `ahc` with the operator's current; it has no orbital magnetization.
PythTB: `berry_flux` of the lower half of the bands, the charge's Hall conductivity in a gap; it has no scan of mu, no
spin Hall response and no orbital magnetization, so it has no cell for the other models.
k-points/s are without the evaluation of stored sums, which is said under each table, in this project's rows; the
other programs' scan of mu is inside their loops over k.
peak: resident memory of the row's own process in MiB (+what it grew by after imports and building the model)."""


class Program:
    """A process of `benchmarks.against` that answers requests (`benchmarks.against.served`)."""

    def __init__(self, python: Path | str, module: str, *arguments: object) -> None:
        environment = {**os.environ, **dict.fromkeys(ONE_THREAD, "1"), "PYTHONPATH": str(ROOT)}
        self.log = tempfile.TemporaryFile("w+")
        self.folder = tempfile.TemporaryDirectory()  # some libraries write files wherever they are
        self.process = subprocess.Popen(
            [str(python), "-m", module, *map(str, arguments)],
            cwd=self.folder.name,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        self.arguments = arguments
        self.grid = 0
        self.best = self.evaluation = float("inf")
        self.mu, self.temperature = MU, TEMPERATURE
        self.last: dict[str, float] = {}

    def read(self) -> dict:
        line = self.process.stdout.readline()
        if line:
            return json.loads(line)
        self.process.wait()
        self.log.seek(0)
        raise SystemExit(f"benchmark: {self.arguments[1]} ended early:\n{self.log.read()[-3000:]}")

    def ask(self, **request: object) -> dict:
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self.read()

    def time(self, grid: int) -> float:
        """Seconds on the grid, without the evaluation of mu and T, which comes once on any grid."""
        self.last = self.ask(do="time", grid=grid, mu=self.mu, temperature=self.temperature)
        self.evaluation = min(self.evaluation, self.last["evaluation"])
        return self.last["seconds"] - self.last["evaluation"]

    def choose_grid(self, seconds: float, largest: int = 4096) -> None:
        """The grid that takes about `seconds`; the first call at these mu and T warms up."""
        self.grid = 16
        self.time(self.grid)
        while (taken := self.time(self.grid)) < seconds / 4 and self.grid < largest:
            self.grid *= 2
        self.grid = max(4, min(largest, 4 * round(self.grid * (seconds / taken) ** 0.5 / 4)))

    def repeat(self) -> None:
        self.best = min(self.best, self.time(self.grid))

    @property
    def rate(self) -> float:
        """k-points per second."""
        return self.grid**2 / self.best

    def __enter__(self) -> Program:
        self.versions = self.read()["versions"]
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.process.stdout.close()
        self.log.close()
        self.folder.cleanup()


@dataclass(frozen=True)
class Setup:
    """Where the programs are, and how long to measure."""

    peers_python: Path
    folder: Path
    seconds: float
    repeats: int

    def path(self, case: Case) -> Path:
        return self.folder / f"{case.name.replace(' ', '_').replace(',', '')}.npz"

    def own(self, case: Case, row: str, threads: int = 1) -> Program:
        return Program(sys.executable, "benchmarks.against.own", self.path(case), row, threads)

    def peer(self, case: Case, row: str) -> Program:
        return Program(self.peers_python, "benchmarks.against.peer", self.path(case), row)


def peers_environment(folder: Path) -> Path:
    """The Python of the environment of the other libraries; made where it is missing or of other requirements."""
    python, done = folder / "bin" / "python", folder / "requirements.txt"
    if not (done.exists() and done.read_text() == REQUIREMENTS.read_text()):
        print(f"making the environment of the other libraries in {folder.name} ...", flush=True)
        venv.create(folder, with_pip=True, clear=folder.exists())
        (folder / ".gitignore").write_text("*\n")
        subprocess.run([python, "-m", "pip", "install", "-qq", "-r", REQUIREMENTS], check=True)
        done.write_text(REQUIREMENTS.read_text())
    return python


def peers_rows(case: Case) -> list[str]:
    return [row for row in THEIRS if case.is_charge or not row.startswith("pythtb")]


def between_levels(case: Case) -> tuple[list[float], float]:
    """Three mu in the widest gaps between the levels of the check's grid, and a T (kelvin) that is zero there."""
    energy = np.sort(np.linalg.eigvalsh(case.hamiltonian(CHECK_GRID)).ravel())
    energy = energy[abs(energy) < 2]
    gaps = np.diff(energy)
    places = np.sort(np.argsort(gaps)[-3:])
    return ((energy[places] + energy[places + 1]) / 2).tolist(), float(gaps[places].min() / 90 / KELVIN)


def check(case: Case, setup: Setup) -> None:
    """Print how far the programs' values are apart, in units of the largest of the three."""
    mu, temperature = between_levels(case)

    def values(program: Program) -> dict[str, np.ndarray]:
        with program:
            found = [
                program.ask(do="values", grid=CHECK_GRID, mu=[one], temperature=[temperature])
                for one in mu  # wannierberri's scan needs equal steps
            ]
        return {key: np.array([one[key][0] for one in found]) for key in found[0]}

    ours = values(setup.own(case, "values"))
    programs = {"naive": setup.own(case, "naive")}
    programs |= {row: setup.peer(case, row) for row in peers_rows(case) if row in ("wannierberri both", "sisl hall")}
    size = {key: max(abs(value).max(), 1e-3) for key, value in ours.items()}
    for row, program in programs.items():
        for key, value in values(program).items():
            difference = abs(value - ours[key]).max() / size[key]
            print(f"  {row.split()[0]:13} {key:14} {difference:8.1e} of {size[key]:.4g}", flush=True)
    if case.is_charge:
        check_flux(case, setup)


def check_flux(case: Case, setup: Setup) -> None:
    """PythTB's flux is a whole number, which an integral comes to as its grid grows; so compare in the gap, there."""
    request = {"do": "values", "mu": [0.0], "temperature": [10.0]}
    with setup.own(case, "values") as own, setup.peer(case, "pythtb hall") as peer:
        ours = own.ask(**request, grid=96)["hall"][0]
        flux = peer.ask(**request, grid=24)["hall"][0]
    print(f"  {'pythtb':13} {'hall':14} {abs(flux - ours) / abs(ours):8.1e} of {abs(ours):.4g} (in the gap)")


def measure(case: Case, setup: Setup) -> dict[str, Program]:
    """Time all rows of one model in alternation."""
    with ExitStack() as stack:
        programs = {row: setup.own(case, row) for row in OURS}
        programs |= {row: setup.peer(case, row) for row in peers_rows(case)}
        for program in programs.values():
            stack.enter_context(program)
        for program in programs.values():
            program.choose_grid(setup.seconds)
        for _ in range(setup.repeats):
            for program in programs.values():
                program.repeat()
    return programs


def search_seconds(case: Case, setup: Setup) -> float:
    """What the search for narrow gaps adds to one call of `cc.transport`."""
    with setup.own(case, "public call") as call, setup.own(case, "transport") as sums:
        call.grid = sums.grid = 64
        for _ in range(setup.repeats):
            call.repeat()
            sums.repeat()
    return call.best - sums.best - sums.evaluation


def table(programs: dict[str, Program]) -> list[str]:
    """Lines of one model: speed, memory, and how many times as fast as naive numpy and as wannierberri."""
    naive = programs["naive"].rate
    hall, both = programs["wannierberri hall"].rate, programs["wannierberri both"].rate
    lines = [
        f"  {'':37}{'k-points/s':>11} {'grid':>6} {'peak MiB':>14} {'/ naive':>9} {'/ wb Hall':>10} {'/ wb H, M':>10}"
    ]
    for row, program in programs.items():
        rate, last = program.rate, program.last
        grown = f"{last['peak']:.0f} (+{last['peak'] - last['built']:.0f})"
        lines.append(
            f"  {(OURS | THEIRS)[row]:37}{rate:11.3g} {program.grid:6d} {grown:>14}"
            f" {rate / naive:9.3g} {rate / hall:10.3g} {rate / both:10.3g}"
        )
    return lines


def once(programs: dict[str, Program], search: float) -> str:
    """What a call costs beside its grid, whatever that is."""
    every, two = (programs[row].evaluation for row in ("transport", "two variables"))
    return (
        f"  once a call, on any grid: evaluation {every:.2f} s (all of transport), {two:.2f} s (two variables);"
        f" search for narrow gaps {search:.2f} s"
    )


def compare(cases: list[Case], setup: Setup) -> list[str]:
    """Check and measure every model; the lines of the table."""
    lines, versions = [], {}
    for case in cases:
        print(f"\n{case.name}: difference from this project's values, {CHECK_GRID} x {CHECK_GRID} points, T -> 0")
        check(case, setup)
        programs = measure(case, setup)
        search = search_seconds(case, setup)
        lines += ["", f"{case.name}, {case.bands} bands", *table(programs)]
        lines += [once(programs, search)]
        print("\n".join(lines[-len(programs) - 4 :]), flush=True)
        for row, program in programs.items():
            versions |= {("peers' " if row in THEIRS else "") + key: v for key, v in program.versions.items()}
    notes = ["", NOTES, "", "versions: " + ", ".join(f"{key} {value}" for key, value in versions.items())]
    print("\n".join(notes))
    return lines + notes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="half a second in all a row, without 32 orbitals")
    parser.add_argument("--scaling", action="store_true", help="only how the cost scales, as a table and a plot")
    parser.add_argument("--repeats", type=int, default=5, help="repeats, of which the best counts (default 5)")
    parser.add_argument("--seconds", type=float, default=0.5, help="about what one repeat takes (default 0.5)")
    parser.add_argument("--environment", type=Path, default=ROOT / ".peers-venv", help="of the other libraries")
    options = parser.parse_args()
    cases = [library_case("haldane", "charge"), library_case("kane_mele", "spin_z"), random_case(16)]
    cases += [] if options.quick else [random_case(32)]
    seconds, repeats = (0.15, 3) if options.quick else (options.seconds, options.repeats)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / ".gitignore").write_text("*\n")
    python = Path(sys.executable) if options.scaling else peers_environment(options.environment)
    with tempfile.TemporaryDirectory() as folder:
        setup = Setup(python, Path(folder), seconds, repeats)
        if options.scaling:
            from benchmarks.against.scaling import scaling

            name, lines = "scaling", scaling(setup, RESULTS, options.quick)
        else:
            for case in cases:
                case.save(setup.path(case))
            name, lines = "peers", compare(cases, setup)
    (RESULTS / f"{name}.txt").write_text("\n".join(lines) + "\n")
    print(f"\nwritten: benchmarks/results/{name}.txt")


if __name__ == "__main__":
    main()
