"""Memory that a process takes."""

from __future__ import annotations

from pathlib import Path


def resident(name: str) -> float:
    """Memory of this process alone, in MiB: ``VmRSS`` as it is, ``VmHWM`` as it was at most."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    found = next(line for line in lines if line.startswith(f"{name}:"))
    return int(found.split()[1]) / 1024
