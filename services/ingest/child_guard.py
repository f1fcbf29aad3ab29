"""What a parse child may not do: grow without end, outlive its deadline, talk to anybody, run anything."""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path

_FORBIDDEN = (
    *("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.remove"),
    *("os.rename", "os.mkdir", "os.rmdir", "shutil.", "ftplib.", "http.client.", "urllib.", "smtplib."),
)
_GRACE_SECONDS = 1.0


def confine(memory_bytes: int) -> None:
    """Bound this process for good; it must have loaded by now all that it will ever need.

    ``memory_bytes`` is address space (RLIMIT_AS) beyond what the process has at this moment. No
    core file, no new or longer files, and an audit hook that refuses sockets, other
    programs and files opened for writing.
    """
    limit = _address_space_bytes() + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    sys.dont_write_bytecode = True
    sys.addaudithook(_refuse)


def arm(deadline_seconds: float) -> None:
    """Let the kernel end this process a second after its parent should have; 0 disarms.

    The parent may be gone, and a parser written in C returns to no Python signal handler: the
    default action of SIGALRM needs neither.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, deadline_seconds + _GRACE_SECONDS if deadline_seconds else 0)


def _address_space_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith(_FORBIDDEN) or (event == "open" and _writes(*arguments)):
        raise PermissionError(f"{event} is forbidden while a seed is read")


def _writes(_path: object, _mode: object, flags: object) -> bool:
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
