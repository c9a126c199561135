"""Kill a run at random moments, go on with the same command, and compare the end with an undisturbed run.

    python -m tests.workflow.crash [--config config/quick.yaml] [--kills 20] [--signal KILL] [--seed 1]

Prints a table; `make test-crash` calls this. Each kill is a signal (KILL, TERM or HUP) to the process that runs
Snakemake (its jobs may go on), or to a job, at a moment drawn from the whole duration of an undisturbed run. The same
command then goes on to the end; its files are compared and removed, so that the next run starts from nothing.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import psutil
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Kill:
    """One kill: after how many seconds, of what, and how many files were finished then."""

    seconds: float
    victim: str
    finished: int


def content(results: Path) -> dict[str, str]:
    """What has to be equal: the content checksum of each dataset, the bytes of all figures and of the front page."""
    from cc_kernels.io import read_dataset
    from cc_kernels.models.storage import load_models

    found = {}
    for path in sorted(results.rglob("*")):
        name = path.relative_to(results).as_posix()
        if path.suffix == ".nc" and path.parent.name == "models":
            found[name] = load_models(path)[1]["cc_content"]
        elif path.suffix == ".nc":
            found[name] = read_dataset(path).attrs["cc_content"]  # which is checked against the data
        elif path.suffix in (".png", ".pdf", ".rst", ".part"):
            found[name] = sha256(_drawn(path)).hexdigest()
    return found


def _drawn(path: Path) -> bytes:
    """The bytes of a file; of a picture or page without what it says of the files that it was made from."""
    if path.suffix == ".png":
        with Image.open(path) as image:
            return image.tobytes()
    if path.suffix == ".pdf":
        return b"".join(re.findall(rb"stream\r?\n(.*?)endstream", path.read_bytes(), flags=re.DOTALL))
    content = path.read_bytes()
    return content.partition(b"\n")[2] if path.suffix == ".rst" else content


class Runs:
    """Runs of one configuration by the documented command."""

    def __init__(self, folder: Path, config: str, results: Path, cores: int = 2, root: Path = ROOT) -> None:
        self.folder, self.results = folder, results
        self.command = [sys.executable, "-m", "workflow.run", "figures", "--config", config, "--cores", str(cores)]
        self.environment = {**os.environ, "PYTHONPATH": str(root)}
        self.orphans: list[int] = []

    def start(self) -> subprocess.Popen:
        with (self.folder / "run.log").open("a") as log:
            return subprocess.Popen(
                self.command, cwd=self.folder, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def finish(self) -> None:
        """Run to the end; an error that is not the kill of ours is one."""
        status = self.start().wait()
        if status:
            raise RuntimeError(f"status {status}:\n{(self.folder / 'run.log').read_text()[-3000:]}")

    def kill_after(
        self, seconds: float, victim: str, finished: int = 0, by: signal.Signals = signal.SIGKILL
    ) -> Kill | None:
        """Start, and kill some time after so many datasets are finished; None if the run has ended before."""
        run = self.start()
        while run.poll() is None and len(list(self.results.rglob("*.nc"))) < finished:
            time.sleep(0.02)
        try:
            status = run.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
        else:
            if status:
                raise RuntimeError(f"status {status}:\n{(self.folder / 'run.log').read_text()[-3000:]}") from None
            return None
        jobs = list(descendants(run.pid))
        if victim == "job":
            while not jobs and run.poll() is None:  # Snakemake is still planning
                time.sleep(0.05)
                jobs = list(descendants(run.pid))
            if not jobs:
                return None
            for pid in jobs:
                _kill(pid, by)
            run.wait()  # Snakemake notices, and ends with an error
        else:
            _kill(run.pid, by)
            run.wait()
            self.orphans += jobs
        return Kill(seconds, victim, len(list(self.results.rglob("*.nc"))))

    def remove(self) -> None:
        """Back to nothing, when the last orphan is gone."""
        for pid in self.orphans:
            _kill(pid)
        self.orphans.clear()
        shutil.rmtree(self.results, ignore_errors=True)
        shutil.rmtree(self.folder / ".snakemake", ignore_errors=True)


def wait_for(condition: Callable[[], object], seconds: float = 600) -> None:
    """Wait; the time is no claim, but an end to what will never happen."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def descendants(pid: int) -> Iterator[int]:
    """The processes that a process has started, and those that they have."""
    with suppress(psutil.NoSuchProcess):
        yield from [child.pid for child in psutil.Process(pid).children(recursive=True)]


def _kill(pid: int, by: signal.Signals = signal.SIGKILL) -> None:
    try:
        os.kill(pid, by)
    except ProcessLookupError:
        pass


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="config/quick.yaml")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--signal", default="KILL", choices=("KILL", "TERM", "HUP"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cores", type=int, default=2)
    options = parser.parse_args(arguments)
    import tempfile

    from cc_kernels.configuration import load_configuration

    config, by = Path(options.config).resolve(), signal.Signals[f"SIG{options.signal}"]
    with tempfile.TemporaryDirectory(prefix="cc_crash_") as name:
        folder = Path(name)
        runs = Runs(folder, str(config), folder / load_configuration(config).results_folder, options.cores)
        begin = time.perf_counter()
        runs.finish()
        whole, expected = time.perf_counter() - begin, content(runs.results)
        print(f"undisturbed: {len(expected)} files in {whole:.0f} s", flush=True)
        print("kill  after (s)  victim     files then  after the same command again", flush=True)
        generator, number, wrong = random.Random(options.seed), 0, 0
        while number < options.kills:
            runs.remove()
            begin = time.perf_counter()
            kill = runs.kill_after(generator.uniform(1, whole), generator.choice(("snakemake", "job")), by=by)
            if kill is None:  # it had ended before: no kill, and the machine is faster now
                whole = min(whole, time.perf_counter() - begin)
                continue
            number += 1
            runs.finish()
            found = content(runs.results)
            different = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
            wrong += bool(different)
            row = f"{number:4d}  {kill.seconds:9.1f}  {kill.victim:9s}  {kill.finished:10d}"
            print(f"{row}  {'equal' if not different else 'DIFFERENT: ' + ', '.join(different)}", flush=True)
    print(f"{number} times SIG{options.signal}: {'all ends equal' if not wrong else f'{wrong} ends DIFFERENT'}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
