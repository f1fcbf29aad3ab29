"""WebSub: the feed of a channel, pushed to a callback whenever a digest comes out, until a lease ends.

The feed is fetched from the web program, as hubs do: it reads as it reads there at the moment, with
what was retracted taken out. So repeated attempts may carry different bytes; entries keep their ids.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
from datetime import datetime
from functools import cached_property
from typing import Literal
from urllib.parse import urlencode

import httpx2

from newsfeed.registry import Destination, Options, Subscription
from newsfeed.subscribing import Random
from newsfeed.websub import HUB_PATH, TRANSPORT, HubRefused, channel_of
from services.publish.settings import PublishSettings
from services.publish.transports import Delivery, Outcome, Word
from services.publish.transports.addresses import problems_of
from services.publish.transports.calling import TOTAL_SECONDS, Answer, Caller, outcome_of
from services.publish.transports.guard import Resolver, system_addresses

CHALLENGE_BYTES = 24
FEED_SECONDS = 10.0
MOST_FEED_BYTES = 4 * 1024 * 1024
UNAVAILABLE = Outcome("retry", "feed_unavailable")
_NOT_NOW = (408, 425, 429)
"""Client errors that may pass."""


class WebSub:
    """Pushes feeds."""

    name = TRANSPORT
    needs: Literal["nothing", "link", "handshake"] = "handshake"

    def __init__(
        self,
        settings: PublishSettings | None = None,
        resolve: Resolver = system_addresses,
        total_seconds: float = TOTAL_SECONDS,
        random: Random = os.urandom,
    ) -> None:
        self._settings = settings or PublishSettings()
        self._caller = Caller(self._settings, resolve, total_seconds)
        self._random = random

    def problems(self, address: str, options: Options) -> list[str]:
        """What is wrong with a callback; a topic, if there is one, must be a feed of ours."""
        found = problems_of(address, self._settings.webhooks_allow, self._settings.webhooks_ports)
        if not self._settings.public_url:
            found.append("NEWSFEED_PUBLIC_URL, under which feeds are topics, is not set")
        elif "topic" in options:
            try:
                channel_of(str(options["topic"]), self._settings.public_url)
            except HubRefused as error:
                found.append(str(error))
        return found

    async def send(self, delivery: Delivery, destination: Destination) -> Outcome:
        """POST the feed as it reads now, signed if there is a secret; a redirect is a failure."""
        topic, base = str(delivery.options.get("topic", "")), self._base_url
        try:
            channel_of(topic, base)
        except HubRefused:
            return Outcome("refused", "topic_unknown")
        feed = await self._feed(topic.removeprefix(base))
        if feed is None:
            return UNAVAILABLE
        headers = {
            "content-type": feed.headers.get("content-type", "application/octet-stream"),
            "link": f'<{base}{HUB_PATH}>; rel="hub", <{topic}>; rel="self"',
            "newsfeed-delivery-id": str(delivery.delivery_id),
            **_signature(destination, feed.content),
        }
        answer = await self._caller.answer("POST", destination.address, headers, feed.content)
        return answer if isinstance(answer, Outcome) else outcome_of(answer, delivery.now)

    async def confirm(
        self, subscription: Subscription, destination: Destination, now: datetime
    ) -> Word | None:
        """Ask whether the callback asked for it."""
        assert now.tzinfo is not None
        lease = str(subscription.options.get("lease_seconds", 0))
        is_meant = await self._verified("subscribe", subscription, destination, {"hub.lease_seconds": lease})
        return None if is_meant is None else "handshake" if is_meant else "refused"

    async def leaves(self, subscription: Subscription, destination: Destination) -> bool:
        """Whether the callback says that it wants nothing more."""
        return await self._verified("unsubscribe", subscription, destination, {}) is True

    async def close(self) -> None:
        """Let go of connections."""
        await self._caller.close()
        if "_own" in self.__dict__:
            await self._own.aclose()

    @cached_property
    def _own(self) -> httpx2.AsyncClient:
        """Asks our own web program, wherever it is: the operator named it."""
        return httpx2.AsyncClient(trust_env=False, timeout=FEED_SECONDS)

    @property
    def _base_url(self) -> str:
        return (self._settings.public_url or "").rstrip("/")

    async def _feed(self, path: str) -> httpx2.Response | None:
        """A feed, whole; None if it cannot be had now."""
        base = (self._settings.feeds_url or self._base_url).rstrip("/")
        try:
            async with asyncio.timeout(FEED_SECONDS):
                answer = await self._own.get(f"{base}{path}")
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError):  # A time-out is an OSError.
            return None
        is_fit = answer.status_code == httpx2.codes.OK and len(answer.content) <= MOST_FEED_BYTES
        return answer if is_fit else None

    async def _verified(
        self, mode: str, subscription: Subscription, destination: Destination, more: dict[str, str]
    ) -> bool | None:
        """Whether the callback gives back the challenge and nothing else; None if that is not known."""
        challenge = self._random(CHALLENGE_BYTES).hex()
        topic = str(subscription.options.get("topic", ""))
        query = urlencode({"hub.mode": mode, "hub.topic": topic, "hub.challenge": challenge, **more})
        callback = destination.address
        url = f"{callback}{'&' if '?' in callback else '?'}{query}"
        answer = await self._caller.answer("GET", url, {}, b"")
        if isinstance(answer, Outcome):
            return False if answer.verdict == "refused" else None
        return _verdict(answer, challenge)


def _verdict(answer: Answer, challenge: str) -> bool | None:
    if httpx2.codes.is_success(answer.status):
        return hmac.compare_digest(answer.body, challenge.encode())
    is_no = httpx2.codes.is_client_error(answer.status) and answer.status not in _NOT_NOW
    return False if is_no else None


def _signature(destination: Destination, body: bytes) -> dict[str, str]:
    if not destination.secrets:
        return {}
    digest = hmac.new(destination.secrets[0].encode(), body, hashlib.sha256).hexdigest()
    return {"x-hub-signature": f"sha256={digest}"}
