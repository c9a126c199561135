"""Running on a cluster: the profile that a user names, and what is checked before anything starts."""

from __future__ import annotations

import getpass
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from cc_kernels.errors import InputError, stated

if TYPE_CHECKING:
    from distributed import Client

PROFILES = Path(__file__).resolve().parents[1] / "profiles"
SECONDS_TO_ANSWER = 30


def where_to_run(profile: str, cores: str, results: Path, computes: bool) -> list[str]:
    """Arguments of Snakemake for a profile: a name below profiles/, a folder, or none for this machine.

    Raises
    ------
    InputError : no such profile, or one that is no mapping in YAML; a cluster that does not answer, or where jobs of an
        earlier run still go on, if something is to be computed.
    """
    if not profile:
        return ["--cores", cores]
    folder = _folder(profile)
    executor, name = _settings(folder / "config.yaml").get("executor", "local"), run_name(results)
    if executor == "slurm" and computes:
        _refuse_running_jobs(name)
    prefix = ["--slurm-jobname-prefix", name] if executor == "slurm" else []
    # On a cluster the cores of this machine limit only what runs here.
    return ["--profile", str(folder), *prefix, "--cores" if executor == "local" else "--local-cores", cores]


def _folder(profile: str) -> Path:
    for folder in (PROFILES / profile, Path(profile).expanduser()):
        if (folder / "config.yaml").is_file():
            return folder.resolve()
    names = sorted(path.parent.name for path in PROFILES.glob("*/config.yaml"))
    raise InputError("PROFILE", profile, f"one of {', '.join(names)}, or a folder with a config.yaml")


def _settings(file: Path) -> dict[str, object]:
    try:
        settings = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"PROFILE: {file}", stated(f"a file that cannot be read ({error})"), "YAML") from None
    if not isinstance(settings, dict):
        raise InputError(f"PROFILE: {file}", settings, "settings of Snakemake, one `key: value` each")
    return settings


def run_name(results: Path) -> str:
    """What the names of a run's Slurm jobs begin with: the same for every run into one folder of results."""
    folder = results.resolve()
    readable = re.sub(r"[^A-Za-z0-9_-]", "_", folder.name)[:30]
    return f"cc-{readable}-{sha256(str(folder).encode()).hexdigest()[:8]}"


def running_jobs(name: str) -> list[str]:
    """Identifiers of this user's Slurm jobs, waiting or running, whose names begin with `name`."""
    lines = (line.split(maxsplit=1) for line in _squeue().splitlines())
    return [parts[0] for parts in lines if len(parts) == 2 and parts[1].startswith(f"{name}_")]


def dask_scheduler() -> str:
    """The address that DASK_SCHEDULER names, from now on as CC_DASK_SCHEDULER.

    Dask takes the former for a setting of its own, and refuses an address there.
    """
    if address := os.environ.pop("DASK_SCHEDULER", ""):
        os.environ["CC_DASK_SCHEDULER"] = address
    return os.environ.get("CC_DASK_SCHEDULER", "")


def check_dask_scheduler() -> None:
    """Refuse a DASK_SCHEDULER that does not answer.

    Raises
    ------
    InputError : as it says.
    """
    address = dask_scheduler()
    if not address:
        return
    with dask_client(address, 10, set_as_default=False) as client:
        workers = client.scheduler_info(n_workers=-1)["workers"]
    if not workers:
        raise InputError("DASK_SCHEDULER", stated(f"{address!r}, a scheduler without workers"), "one with workers")


@contextmanager
def dask_client(address: str, timeout: float, **settings: object) -> Iterator[Client]:
    """A client of the dask scheduler; `InputError` where none answers."""
    from distributed import Client

    try:
        client = Client(address, timeout=timeout, **settings)
    except (OSError, ValueError) as error:
        allowed = "the address of a running dask scheduler, such as tcp://node17:8786"
        raise InputError("DASK_SCHEDULER", stated(f"{address!r} ({error})"), allowed) from None
    with client:
        yield client


def _refuse_running_jobs(name: str) -> None:
    if jobs := running_jobs(name):
        given = stated(f"{len(jobs)} Slurm jobs of an earlier run into the same results: {' '.join(jobs)}")
        allowed = f"none: wait until they have ended (squeue --me), or end them with: scancel {' '.join(jobs)}"
        raise InputError("PROFILE", given, allowed)


def _squeue() -> str:
    allowed = "a machine from which jobs can be submitted to Slurm"
    if missing := [command for command in ("sbatch", "squeue", "scancel") if shutil.which(command) is None]:
        raise InputError("PROFILE", stated(f"slurm, without the commands {', '.join(missing)}"), allowed)
    command = ["squeue", "--user", getpass.getuser(), "--noheader", "--format", "%i %j"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_TO_ANSWER)
    except subprocess.TimeoutExpired:
        raise InputError("PROFILE", stated(f"slurm, which did not answer in {SECONDS_TO_ANSWER} s"), allowed) from None
    if done.returncode:
        said = " ".join(done.stderr.split()) or f"exit status {done.returncode}"
        raise InputError("PROFILE", stated(f"slurm, which does not answer: {said}"), allowed)
    return done.stdout
