"""The HTTP server, as a task of the program: it listens while the task runs, and ends in good order."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress

from starlette.types import ASGIApp
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

from newsfeed.eventlog.cancelling import end

BACKLOG = 1024

GRACE_SECONDS = 1
"""How long requests in hand may take at the end."""


class AbortingProtocol(H11Protocol):
    """Lets an application drop its connection: ``scope["state"]["abort"]``.

    A close would wait, with all that is still to be sent, for a client that does not read.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Remember how to end the connection at once."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "abort": transport.abort}


class _Server(Server):
    """A server that leaves signals to the program it is a part of."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture none."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; raises ``OSError`` when the address is taken, or none of ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    # Connections take it over. asyncio itself would not: to it a socket made like this is not TCP.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


async def serve_on(listening: socket.socket, application: ASGIApp, closing: asyncio.Event) -> None:
    """Answer requests until cancelled; ``closing`` is set first, so that endless answers end."""
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    config = Config(
        application,
        http=AbortingProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await asyncio.shield(serving)
    finally:
        closing.set()
        server.should_exit = True
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS + 1):
                await asyncio.shield(serving)
        await end(serving)
        listening.close()
