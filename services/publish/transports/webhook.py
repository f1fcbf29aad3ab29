"""Webhooks: a signed POST to a URL, as Standard Webhooks 1.0.0 and CloudEvents have it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

import httpx2
import orjson

from newsfeed.registry import Destination, Options, Subscription
from services.publish.settings import PublishSettings
from services.publish.transports import Delivery, Outcome, Word
from services.publish.transports.addresses import problems_of
from services.publish.transports.calling import TOTAL_SECONDS, Answer, Caller, outcome_of
from services.publish.transports.guard import Resolver, system_addresses
from services.publish.transports.payload import message, payload
from services.publish.transports.signing import echo_token, key_of, signed_headers


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
        self._caller = Caller(self._settings, resolve, total_seconds)

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
        asked = await self._caller.answer(
            "OPTIONS", destination.address, {"webhook-request-origin": origin}, b""
        )
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
        return await self._caller.answer("POST", destination.address, headers, body)


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
