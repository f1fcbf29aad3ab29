"""An HTTP client that reaches only addresses it may: each is looked at when it is connected to.

The name is resolved once for an attempt, every address of it is checked, and the connection goes to
one that was checked; whatever the name resolves to a moment later does not matter. Proxies of the
environment are not used, redirects not followed, connections not kept.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import cast

import httpcore2
import httpx2

from services.publish.transports.addresses import PORTS, Network, is_allowed, is_public, literal

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host, as text; raises ``OSError``."""


class Refused(Exception):
    """An address that we do not send to; ``for_good`` if the URL itself says so, not its resolver."""

    def __init__(self, *, for_good: bool) -> None:
        super().__init__("not an address that we may send to")
        self.for_good = for_good


class Unresolved(Exception):
    """The name of a host leads nowhere, at the moment at least."""


async def system_addresses(host: str, port: int) -> Sequence[str]:
    """What the resolver of the system says."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class Guard(httpcore2.AsyncNetworkBackend):
    """Connects to what may be reached, and to nothing else."""

    def __init__(
        self,
        allowed: Sequence[Network],
        ports: Sequence[int] = PORTS,
        resolve: Resolver = system_addresses,
        inner: httpcore2.AsyncNetworkBackend | None = None,
    ) -> None:
        self._allowed = allowed
        self._ports = ports
        self._resolve = resolve
        self._inner = inner or httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 the signature is httpcore2's
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A connection to the first checked address that answers."""
        addresses = await self._checked(host, port)
        failure: Exception = httpcore2.ConnectError("the host has no address")
        for address in addresses:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)

    async def _checked(self, host: str, port: int) -> list[str]:
        """Every address of a host; raises :class:`Refused` if one of them may not be reached."""
        try:
            address = literal(host)
        except ValueError:
            raise Refused(for_good=True) from None
        try:
            found = [address] if address else [*dict.fromkeys(await self._resolve(host, port))]
        except (OSError, UnicodeError):
            raise Unresolved from None
        if not found or not all(self._may_reach(one, port) for one in found):
            raise Refused(for_good=address is not None)
        return found

    def _may_reach(self, address: str, port: int) -> bool:
        try:
            inside = is_allowed(address, self._allowed)
        except ValueError:
            return False
        return inside or (is_public(address) and port in self._ports)


class GuardedTransport(httpx2.AsyncBaseTransport):
    """One connection a request, through a :class:`Guard`."""

    def __init__(self, guard: Guard) -> None:
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=httpx2.create_ssl_context(),
            max_keepalive_connections=0,
            network_backend=guard,
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; raises what httpcore2 raises, :class:`Refused` and :class:`Unresolved`."""
        url = httpcore2.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        answer = await self._pool.handle_async_request(
            httpcore2.Request(
                method=request.method,
                url=url,
                headers=request.headers.raw,
                content=cast("httpx2.AsyncByteStream", request.stream),
                extensions=request.extensions,
            )
        )
        return httpx2.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        """Let go of what is open."""
        await self._pool.aclose()


class _Body(httpx2.AsyncByteStream):
    """The body of an answer as it comes in."""

    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._answer.aiter_stream()

    async def aclose(self) -> None:
        await self._answer.aclose()


def guarded_client(guard: Guard) -> httpx2.AsyncClient:
    """A client behind a guard; what it logs would name addresses, and is not wanted."""
    for name in ("httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx2.AsyncClient(
        transport=GuardedTransport(guard), follow_redirects=False, trust_env=False, timeout=None
    )
