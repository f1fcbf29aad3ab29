"""Which port the pages of `newsfeed up` are on."""

from __future__ import annotations

import os
import socket

import typer

DEFAULT_PORT = 8000
DEFAULT_HOST = "127.0.0.1"


def choose_port(wanted: int | None) -> int:
    """The port that was asked for, which must be free; else 8000, or any free one if that is taken."""
    told = os.environ.get("NEWSFEED_PORT") if wanted is None else str(wanted)
    if told is not None and told.isdecimal():
        if told != "0" and not _free(int(told)):
            raise typer.BadParameter(f"port {told} is taken; --port 0 does without pages")
        return int(told)
    return _free(DEFAULT_PORT) or _free(0)


def address(port: int) -> str:
    """Where a browser of this machine finds the pages."""
    return f"http://{DEFAULT_HOST}:{port}/"


def _free(port: int) -> int:
    """The port, or for 0 one that the system chooses, if it can be listened on; 0 if not."""
    try:
        with socket.create_server((os.environ.get("NEWSFEED_HOST", DEFAULT_HOST), port)) as listening:
            return int(listening.getsockname()[1])
    except OSError:
        return 0
