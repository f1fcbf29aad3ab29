"""Handing mails to a server by SMTP, and what its answers mean."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from newsfeed.deliveries import BOUNCED
from services.publish.settings import PublishSettings
from services.publish.transports import Outcome
from services.publish.transports.mailbox import Mailbox

TOTAL_SECONDS = 45.0
"""Of an attempt, with the wait for a connection; shorter than a lease."""
FINAL = 500
"""Answers from here on mean that the same mail will not be taken later either."""
_OF_POLICY = re.compile(r"5\.7\.\d+\b")
_OF_ADDRESS = re.compile(r"5\.1\.[1236]\b|5\.1\.10\b|5\.2\.1\b")

_FAILURES: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    ((TimeoutError, SMTPTimeoutError), "timeout"),
    ((SMTPAuthenticationError, SMTPHeloError, SMTPNotSupported), "relay_refused"),
    (SMTPConnectError, "unreachable"),
    ((SMTPServerDisconnected, ConnectionError), "cut"),
    (OSError, "unreachable"),
    (SMTPException, "cut"),
)
"""What is no answer to this mail; the first that fits."""


@dataclass(frozen=True, slots=True)
class Letter:
    """The bytes of a mail, and from whom to whom it goes."""

    sender: Mailbox
    to: Mailbox
    data: bytes


class Relay:
    """The server that mails are handed to; its connections are used again."""

    def __init__(self, settings: PublishSettings, total_seconds: float = TOTAL_SECONDS) -> None:
        self._settings = settings
        self._total_seconds = total_seconds
        self._slots = asyncio.Semaphore(settings.smtp_connections)
        self._idle: list[SMTP] = []

    async def hand_over(self, letter: Letter) -> Outcome:
        """One attempt."""
        try:
            async with asyncio.timeout(self._total_seconds), self._slots:
                return await self._handed(letter)
        except (OSError, SMTPException) as error:  # A time-out is an OSError.
            return outcome_of(error)

    async def close(self) -> None:
        """Take leave of the server."""
        while self._idle:
            client = self._idle.pop()
            with suppress(OSError, SMTPException):
                async with asyncio.timeout(1):
                    await client.quit()
            client.close()

    async def _handed(self, letter: Letter) -> Outcome:
        client = await self._client(letter.sender.domain)
        is_well = False
        try:
            options = []
            if not letter.to.is_ascii:
                if not client.supports_extension("smtputf8"):
                    return Outcome("refused", "smtputf8_unsupported")
                options = ["SMTPUTF8", "BODY=8BITMIME"]
            await client.sendmail(str(letter.sender), [str(letter.to)], letter.data, mail_options=options)
            is_well = True
        finally:
            self._let_go(client, is_well=is_well)
        return Outcome("delivered", status_code=250)

    def _let_go(self, client: SMTP, *, is_well: bool) -> None:
        if is_well:
            self._idle.append(client)
        else:
            client.close()

    async def _client(self, our_name: str) -> SMTP:
        """A connection that the server still keeps, or a new one."""
        while self._idle:
            client = self._idle.pop()
            is_well = False
            try:
                await client.noop()
                is_well = True
            except (OSError, SMTPException):
                continue
            finally:
                if not is_well:
                    client.close()
            return client
        return await self._connected(our_name)

    async def _connected(self, our_name: str) -> SMTP:
        settings = self._settings
        client = SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            local_hostname=our_name,
            username=settings.smtp_user or None,
            password=settings.smtp_password.get_secret_value() or None,
            use_tls=settings.smtp_tls == "tls",
            start_tls=settings.smtp_tls == "starttls",
            timeout=self._total_seconds,
        )
        is_well = False
        try:
            await client.connect()
            await client.ehlo()
            is_well = True
        finally:
            if not is_well:
                client.close()
        return client


def outcome_of(error: Exception) -> Outcome:
    """What a failure means for a mail. Pure."""
    if isinstance(error, SMTPRecipientsRefused):
        refused = error.recipients[0]
        return _answered(refused.code, refused.message, reason=BOUNCED)
    code = error.code if isinstance(error, SMTPResponseException) else None
    for kinds, reason in _FAILURES:
        if isinstance(error, kinds) and not _is_answer(error):
            return Outcome("retry", reason, code)
    assert isinstance(error, SMTPResponseException)
    return _answered(error.code, error.message, reason="mail_refused")


def _is_answer(error: Exception) -> bool:
    """Whether the server says something of this mail, and not of who we are."""
    of_us = (SMTPAuthenticationError, SMTPHeloError, SMTPConnectError)
    return isinstance(error, SMTPResponseException) and not isinstance(error, of_us)


def _answered(code: int, message: str, reason: str) -> Outcome:
    """A 4xx may pass; a 5xx is about the address, our standing, or the mail."""
    if code < FINAL:
        return Outcome("retry", "deferred", code)
    if _OF_POLICY.search(message):
        reason = "mail_refused"
    elif _OF_ADDRESS.search(message):
        reason = BOUNCED
    return Outcome("refused", reason, code)
