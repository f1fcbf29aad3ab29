"""Webhooks: a signed POST to a URL, as Standard Webhooks 1.0.0 and CloudEvents have it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Literal
from urllib.parse import urlsplit

import httpcore2
import httpx2
import orjson

from newsfeed.registry import Destination, Options, Subscription
from services.publish.settings import PublishSettings
from services.publish.transports import Delivery, Outcome, Word
from services.publish.transports.addresses import problems_of
from services.publish.transports.guard import (
    Guard,
    Refused,
    Resolver,
    Unresolved,
    guarded_client,
    system_addresses,
)
from services.publish.transports.payload import message, payload
from services.publish.transports.signing import echo_token, key_of, signed_headers

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


class Webhook:
    """Sends digests to URLs."""

    name = "webhook"
    needs: Literal["nothing", "link", "handshake"] = "handshake"

    def __init__(
        self,
        settings: PublishSettings | None = None,
        resolve: Resolver = system_addresses,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        self._settings = settings or PublishSettings()
        self._resolve = resolve
        self._total_seconds = total_seconds

    @cached_property
    def _client(self) -> httpx2.AsyncClient:
        """Made at the first attempt: it reads the certificates of this machine."""
        settings = self._settings
        return guarded_client(Guard(settings.webhooks_allow, settings.webhooks_ports, self._resolve))

    def problems(self, address: str, options: Options) -> list[str]:
        """What is wrong with a URL."""
        assert options is not None
        return problems_of(address, self._settings.webhooks_allow, self._settings.webhooks_ports)

    def body(self, delivery: Delivery) -> bytes:
        """What would be sent."""
        return payload(delivery, self._settings.public_url)

    async def send(self, delivery: Delivery, destination: Destination) -> Outcome:
        """POST the heads of a digest, signed; a redirect is a failure."""
        answer = await self._posted(destination, str(delivery.delivery_id), self.body(delivery), delivery.now)
        return answer if isinstance(answer, Outcome) else outcome_of(answer, delivery.now)

    async def confirm(
        self, subscription: Subscription, destination: Destination, now: datetime
    ) -> Word | None:
        """Ask whether the receiver wants what it would get: OPTIONS first, then a token to be echoed."""
        origin = self._origin
        asked = await self._answer("OPTIONS", destination.address, {"webhook-request-origin": origin}, b"")
        if isinstance(asked, Answer) and _allows(asked, origin):
            return "handshake"
        if not destination.secrets:
            return None
        token = echo_token(destination.secrets[0], subscription.subscription_id)
        data = {
            "subscription_id": subscription.subscription_id,
            "channel": subscription.channel,
            "token": token,
        }
        body = message("subscription.requested", subscription.created_at.astimezone(UTC).isoformat(), data)
        identity = f"confirm_{subscription.subscription_id}"
        answer = await self._posted(destination, identity, body, now)
        return "echo" if isinstance(answer, Answer) and _echoes(answer, token) else None

    async def close(self) -> None:
        """Let go of connections; the next attempt makes new ones."""
        client: httpx2.AsyncClient | None = self.__dict__.pop("_client", None)
        if client is not None:
            await client.aclose()

    @property
    def _origin(self) -> str:
        """The name that we give ourselves in a handshake."""
        return urlsplit(self._settings.public_url or "").hostname or "newsfeed"

    async def _posted(
        self, destination: Destination, identity: str, body: bytes, now: datetime
    ) -> Answer | Outcome:
        if not destination.secrets or not _are_usable(destination.secrets):
            return Outcome("refused", "secret_unusable")
        headers = {
            "content-type": "application/json",
            **signed_headers(destination.secrets, identity, now, body),
        }
        return await self._answer("POST", destination.address, headers, body)

    async def _answer(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Answer | Outcome:
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


def _are_usable(secrets: Sequence[str]) -> bool:
    try:
        return all(key_of(one) for one in secrets)
    except ValueError:
        return False


def _allows(answer: Answer, origin: str) -> bool:
    """Whether an answer to OPTIONS says that our origin may send."""
    allowed = answer.headers.get("webhook-allowed-origin", "").strip()
    is_ours = bool(allowed) and (allowed == "*" or allowed.lower() == origin.lower())
    return httpx2.codes.is_success(answer.status) and is_ours


def _echoes(answer: Answer, token: str) -> bool:
    """The token alone, or JSON with it under ``token``; who echoes whatever comes has not said yes."""
    if not httpx2.codes.is_success(answer.status):
        return False
    text = answer.body.strip()
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text == token.encode()
    return said == token or (isinstance(said, dict) and said.get("token") == token)
