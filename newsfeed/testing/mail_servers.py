"""A real mail server that misbehaves as the test says, on a free port of this machine. It needs aiosmtpd."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

OK = "250 OK"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that was taken: from whom to whom, as they were said, and its bytes."""

    sender: str
    to: str
    data: bytes

    @property
    def message(self) -> EmailMessage:
        """It, read."""
        return message_from_bytes(self.data, policy=policy.default)

    @property
    def identity(self) -> str:
        """The id that it carries."""
        return str(self.message["Message-ID"])


@dataclass(slots=True)
class MailServer:
    """What it took, in ``got``; what it answers to each command; ``arrived`` is set for each mail begun."""

    port: int = 0
    got: list[Mail] = field(default_factory=list)
    connections: int = 0
    sender_answer: str = OK
    recipient_answer: str = OK
    data_answer: str = OK
    manner: str = "take"
    """``hang``: it never answers the end of a mail. ``cut``: it ends the connection inside of one."""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    protocols: list[_Protocol] = field(default_factory=list)

    async def hang_up(self) -> None:
        """End every connection, as servers do with idle ones."""
        for one in self.protocols:
            one.end()
        await asyncio.sleep(0)

    async def handle_EHLO(  # noqa: N802 as aiosmtpd calls it
        self, _: SMTP, session: Session, __: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count connections."""
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_MAIL(  # noqa: N802 as aiosmtpd calls it
        self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer to who it is from."""
        envelope.mail_from = address
        envelope.mail_options += options
        return self.sender_answer

    async def handle_RCPT(  # noqa: N802 as aiosmtpd calls it
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        """Answer to whom it is for."""
        if self.recipient_answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 as aiosmtpd calls it
        """Take a mail, or do not."""
        self.arrived.set()
        if self.manner == "hang":
            await asyncio.Event().wait()
        if self.data_answer.startswith("2"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.got.append(Mail(str(envelope.mail_from), envelope.rcpt_tos[0], content))
        return self.data_answer


class _Protocol(SMTP):
    """One connection."""

    def __init__(self, server: MailServer, **options: Any) -> None:  # noqa: ANN401 as aiosmtpd has them
        super().__init__(server, hostname="mail.test", **options)
        self._told = server

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 as aiosmtpd calls it
        """Read a mail, or one line of it."""
        if self._told.manner != "cut":
            await super().smtp_DATA(arg)
            return
        self._told.arrived.set()
        await self.push("354 Go on")
        await self._reader.readline()
        self.end()

    def end(self) -> None:
        """Cut the connection."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()


@asynccontextmanager
async def mail_server(*, takes_utf8: bool = True) -> AsyncIterator[MailServer]:
    """A server that takes everything, until the test says otherwise."""
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # The other side may log what it likes.
    loop, told = asyncio.get_running_loop(), MailServer()

    def made() -> _Protocol:
        told.protocols.append(_Protocol(told, enable_SMTPUTF8=takes_utf8, loop=loop))
        return told.protocols[-1]

    listening = await loop.create_server(made, "127.0.0.1", 0)
    told.port = listening.sockets[0].getsockname()[1]
    try:
        yield told
    finally:
        listening.close()
        await told.hang_up()
