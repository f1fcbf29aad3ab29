"""E-mail: a digest as text and page, to addresses whose owner has confirmed that they want it."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Literal

from newsfeed.envelope import derive_id
from newsfeed.registry import Destination, Options, Subscription
from newsfeed.tokens import Links, link_key
from services.publish.settings import PublishSettings
from services.publish.transports import LANGUAGE, TITLE, Delivery, Outcome, Word
from services.publish.transports.mail import Letterhead, Question, digest_mail, question_mail
from services.publish.transports.mail_words import words_in
from services.publish.transports.mailbox import Mailbox, parse_mailbox
from services.publish.transports.smtp import TOTAL_SECONDS, Letter, Relay

NOT_SET_UP = Outcome("retry", "mail_not_set_up")
UNSENT = frozenset({"deferred", "unreachable", "relay_refused", "mail_not_set_up"})
"""Reasons that say for certain that nothing reached the address."""


class Email:
    """Sends digests to mailboxes, and asks their owners before."""

    name = "email"
    needs: Literal["nothing", "link", "handshake"] = "link"

    def __init__(self, settings: PublishSettings | None = None, total_seconds: float = TOTAL_SECONDS) -> None:
        self._settings = settings or PublishSettings()
        self._relay = Relay(self._settings, total_seconds)

    def problems(self, address: str, options: Options) -> list[str]:
        """What is wrong with an address, and what is missing here."""
        assert options is not None
        try:
            parse_mailbox(address)
        except ValueError as error:
            return [str(error)]
        return lacking(self._settings)

    def body(self, delivery: Delivery) -> bytes:
        """The text that would be sent."""
        return delivery.bodies.get("text", b"")

    async def send(self, delivery: Delivery, destination: Destination) -> Outcome:
        """Hand the mail of a digest to our server."""
        if lacking(self._settings):
            return NOT_SET_UP
        to = _mailbox(destination)
        if to is None:
            return Outcome("refused", "address_unusable")
        head = self._head
        token = self._links.token("unsubscribe", delivery.subscription_id)
        data = digest_mail(delivery, to, head, token)
        return await self._relay.hand_over(Letter(head.sender, to, data))

    async def confirm(
        self, subscription: Subscription, destination: Destination, now: datetime
    ) -> Word | None:
        """Send the mail with the link that confirms; that somebody follows it is seen elsewhere."""
        assert now.tzinfo is not None
        if lacking(self._settings):
            return "deferred"
        to = _mailbox(destination)
        if to is None:
            return "refused"
        head = self._head
        identity = derive_id("question", subscription.subscription_id)
        question = Question(
            identity,
            subscription.channel,
            subscription.created_at,
            words_in(subscription.options.get(LANGUAGE)),
            str(subscription.options.get(TITLE, "")),
        )
        token = self._links.token("confirm", subscription.subscription_id)
        outcome = await self._relay.hand_over(
            Letter(head.sender, to, question_mail(question, to, head, token))
        )
        return _word(outcome)

    async def close(self) -> None:
        """Let go of connections."""
        await self._relay.close()

    @cached_property
    def _head(self) -> Letterhead:
        settings = self._settings
        return Letterhead(
            parse_mailbox(settings.smtp_from), settings.smtp_from_name, settings.public_url or ""
        )

    @cached_property
    def _links(self) -> Links:
        """Made at the first attempt: it reads the key."""
        return Links(link_key(self._settings.var, self._settings.link_key_file))


def lacking(settings: PublishSettings) -> list[str]:
    """What has to be set before any mail can be sent. Pure."""
    missing = {
        "NEWSFEED_SMTP_HOST, the server that takes mails, is not set": not settings.smtp_host,
        "NEWSFEED_SMTP_FROM, the address that mails are from, is not set to one": not _is_usable(
            settings.smtp_from
        ),
        "NEWSFEED_PUBLIC_URL, where the links of mails lead, is not set to one that begins with https://": (
            not _is_https(settings.public_url)
        ),
    }
    return [sentence for sentence, is_so in missing.items() if is_so]


def _is_https(url: str | None) -> bool:
    return bool(url) and str(url).startswith("https://") and str(url).isascii() and str(url).isprintable()


def _is_usable(address: str) -> bool:
    try:
        return parse_mailbox(address).is_ascii
    except ValueError:
        return False


def _mailbox(destination: Destination) -> Mailbox | None:
    try:
        return parse_mailbox(destination.address)
    except ValueError:
        return None


def _word(outcome: Outcome) -> Word | None:
    """What the fate of a question means for the one who is asked."""
    if outcome.verdict == "delivered":
        return "invited"
    if outcome.verdict == "refused":
        return "refused"
    return "deferred" if outcome.reason in UNSENT else None
