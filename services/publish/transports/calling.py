"""Asking a host of somebody's choice by HTTP: one guarded exchange, within a time, up to a size."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property

import httpcore2
import httpx2

from services.publish.settings import PublishSettings
from services.publish.transports import Outcome
from services.publish.transports.guard import (
    Guard,
    Refused,
    Resolver,
    Unresolved,
    guarded_client,
    system_addresses,
)

TOTAL_SECONDS = 20.0
"""Of an attempt, from the resolver to the end of the answer."""
MOST_ANSWER_BYTES = 64 * 1024
GONE = 410

_FAILURES: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    ((TimeoutError, httpcore2.TimeoutException, httpx2.TimeoutException), "timeout"),
    (Unresolved, "unresolved"),
    ((httpcore2.ConnectError, httpx2.ConnectError), "unreachable"),
    ((httpcore2.NetworkError, httpcore2.ProtocolError, httpx2.TransportError), "cut"),
    (
        (httpx2.InvalidURL, httpx2.HTTPError, httpcore2.UnsupportedProtocol, OSError, ValueError),
        "unreachable",
    ),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said; of its body no more than the cap."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Caller:
    """Makes exchanges; each has a connection of its own."""

    def __init__(
        self,
        settings: PublishSettings,
        resolve: Resolver = system_addresses,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        self._settings = settings
        self._resolve = resolve
        self._total_seconds = total_seconds

    @cached_property
    def _client(self) -> httpx2.AsyncClient:
        """Made at the first attempt: it reads the certificates of this machine."""
        settings = self._settings
        return guarded_client(Guard(settings.webhooks_allow, settings.webhooks_ports, self._resolve))

    async def answer(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Answer | Outcome:
        """What the other side said, or why it said nothing."""
        try:
            async with asyncio.timeout(self._total_seconds):
                return await self._exchanged(method, url, headers, body)
        except Refused as error:
            return Outcome("refused" if error.for_good else "retry", "address_refused")
        except Exception as error:
            for kinds, reason in _FAILURES:
                if isinstance(error, kinds):
                    return Outcome("retry", reason)
            raise

    async def _exchanged(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        usual = {"user-agent": "newsfeed", "accept-encoding": "identity", "accept": "*/*"}
        request = self._client.build_request(method, url, headers={**usual, **headers}, content=body)
        response = await self._client.send(request, stream=True)
        try:
            taken = bytearray()
            async with aclosing(response.aiter_raw()) as parts:
                async for part in parts:
                    taken += part
                    if len(taken) >= MOST_ANSWER_BYTES:
                        break
            return Answer(response.status_code, dict(response.headers), bytes(taken[:MOST_ANSWER_BYTES]))
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Let go of connections."""
        if "_client" in self.__dict__:
            await self._client.aclose()


def outcome_of(answer: Answer, now: datetime) -> Outcome:
    """What a status means. Pure."""
    if httpx2.codes.is_success(answer.status):
        return Outcome("delivered", status_code=answer.status)
    if answer.status == GONE:
        return Outcome("gone", "gone", answer.status)
    reason = "redirected" if httpx2.codes.is_redirect(answer.status) else "http_status"
    wait = retry_after(answer.headers.get("retry-after", ""), now)
    return Outcome("retry", reason, answer.status, wait)


def retry_after(text: str, now: datetime) -> float | None:
    """Seconds that a receiver wants to be left alone for: a number of them, or a date of HTTP. Pure."""
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return float(text) if math.isfinite(float(text)) else None
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
