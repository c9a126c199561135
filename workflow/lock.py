"""One run at a time in a folder of results, and no late result of a job whose run is gone.

A run holds `<results>/.run`: locked by the operating system (which releases it when the process dies, however it
dies), it says who runs there, and is removed at the end. Its token goes to every job, and a job publishes a file only
while that token still stands there. So what a killed run has left behind can neither block nor spoil the next.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from cc_kernels.errors import InputError, stated

NAME = ".run"
RUN = "CC_RUN"
"""Environment variable by which a job knows its run: folder of results and token."""


class Superseded(RuntimeError):
    """A job's run has ended or another has begun: what the job computed is not wanted any more."""


@dataclass(frozen=True)
class Run:
    """Who computes in a folder of results; the token is different for every run."""

    token: str
    pid: int
    host: str
    started: float
    configuration: str

    def __str__(self) -> str:
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.started))
        return f"{self.configuration}, process {self.pid} on {self.host}, since {since}"

    @property
    def is_here(self) -> bool:
        return self.host == socket.gethostname()

    @property
    def is_alive(self) -> bool:
        """Whether its process exists; of another machine's nobody here can tell, so it counts as alive."""
        if not self.is_here:
            return True
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return True


def current_run(results: Path) -> Run | None:
    """The run that has its name in the folder, if any; it may have been killed. Nothing is locked."""
    try:
        return Run(**json.loads((results / NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


@contextmanager
def claimed(results: Path, configuration: str) -> Iterator[Run]:
    """Be the only run in the folder of results, as long as the block lasts.

    Raises
    ------
    InputError : another run is going on.
    """
    results.mkdir(parents=True, exist_ok=True)
    path = results / NAME
    lock = _locked(path)
    try:
        left = current_run(results)
        if left is not None and not left.is_here:  # not every file system carries locks between machines
            raise _busy(results, left)
        for file in results.rglob(".*.part*"):  # a job that still writes one finds itself superseded
            file.unlink(missing_ok=True)
        run = Run(f"run-{uuid.uuid4().hex}", os.getpid(), socket.gethostname(), time.time(), configuration)
        with _folder_lock(results, fcntl.LOCK_EX):
            os.truncate(lock, 0)
            os.pwrite(lock, json.dumps(asdict(run)).encode(), 0)
            os.fsync(lock)
        try:
            yield run
        finally:
            if (now := current_run(results)) is not None and now.token == run.token:
                path.unlink()
    finally:
        os.close(lock)


def check_free(results: Path) -> None:
    """Refuse a folder in which a run is going on, without changing anything; errors as in `claimed`."""
    if (results / NAME).exists():
        os.close(_locked(results / NAME))


def release(results: Path) -> None:
    """Say that a run which was killed, on whatever machine, is gone.

    Raises
    ------
    InputError : it is alive.
    """
    path = results / NAME
    if path.exists():
        lock = _locked(path, trust_the_user=True)
        path.unlink(missing_ok=True)
        os.close(lock)


def refuse_late_job() -> None:
    """End a job, before it begins, whose run has ended or been followed by another; errors as in `while_current`."""
    if RUN in os.environ:
        results, token = json.loads(os.environ[RUN])
        with while_current(Path(results), token):
            pass


@contextmanager
def while_current(results: Path, token: str) -> Iterator[None]:
    """Publish a file inside the block: no run can begin in between.

    Raises
    ------
    Superseded : the run of this token is not the one in the folder.
    """
    with _folder_lock(results, fcntl.LOCK_SH):
        run = current_run(results)
        if run is None or run.token != token:
            gone = "the run that started this job has ended" if run is None else f"another run has begun: {run}"
            raise Superseded(f"{gone}; this late result is dropped")
        yield


def _locked(path: Path, trust_the_user: bool = False) -> int:
    """A descriptor that holds the lock of the file; programs that this one starts do not inherit it.

    `trust_the_user` : who says that a run on another machine is gone.
    """
    while True:
        try:
            lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except PermissionError:  # another user's run
            raise _busy(path.parent, current_run(path.parent)) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise _busy(path.parent, current_run(path.parent)) from None
        except OSError:  # a file system without locks: whether the process lives has to do
            left = current_run(path.parent)
            if left is not None and left.is_alive and (left.is_here or not trust_the_user):
                os.close(lock)
                raise _busy(path.parent, left) from None
        with suppress(FileNotFoundError):
            if os.fstat(lock).st_ino == os.stat(path).st_ino:
                return lock
        os.close(lock)  # its owner removed it between the two steps


@contextmanager
def _folder_lock(folder: Path, kind: int) -> Iterator[None]:
    """Held for a moment only; where a file system refuses it, a check and a rename right after it have to do."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, kind)
        yield
    finally:
        os.close(descriptor)


def _busy(results: Path, run: Run | None) -> InputError:
    given = stated(f"a folder in which another run is going on ({run or 'it is just starting'})")
    allowed = "one run at a time in it: wait for its end"
    if run is not None and not run.is_here:
        allowed += f"; if it is gone from {run.host}, `make unlock CONFIG={run.configuration}`"
    return InputError(str(results), given, allowed)
