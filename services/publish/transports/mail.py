"""A digest, and a question, as mails. Pure: the same parts give the same bytes, on every attempt.

Headers are written here, not by a library: one that folds would cut addresses of links in pieces. No
text from outside can begin a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from uuid import UUID

import orjson

from newsfeed.deliveries import delivery_id
from newsfeed.shown import plain
from services.publish.transports import Delivery
from services.publish.transports.mail_words import MAIL_WORDS, MailWords, words_of
from services.publish.transports.mailbox import Mailbox

LONGEST_SUBJECT = 120
"""Characters; what is cut ends in an ellipsis."""
MOST_REFERENCES = 10
_POLICY = SMTP.clone(max_line_length=998, cte_type="7bit")
_ATOMS = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]+")
_BREAKS = re.compile(r"[\r\n\0]")
_FOLDS = re.compile(r"\r\n(?=[ \t])")

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who mails are from, and where their links lead."""

    sender: Mailbox
    name: str
    public_url: str

    def message_id(self, identity: UUID) -> str:
        """The id of a mail."""
        return f"<{identity}@{self.sender.domain}>"

    def link(self, path: str) -> str:
        """A page of ours."""
        return f"{self.public_url.rstrip('/')}/{path}"

    @property
    def author(self) -> str:
        """Name and address."""
        name = plain(self.name)
        words = f'"{name}"' if _ATOMS.fullmatch(name) else _encoded(name, "From")
        return f"{words} <{self.sender}>" if name else str(self.sender)


def digest_mail(delivery: Delivery, to: Mailbox, head: Letterhead, unsubscribe_token: str) -> bytes:
    """The text and the page of a digest, as they were frozen, in one mail."""
    fields = [
        ("Message-ID", head.message_id(delivery.delivery_id)),
        *_threading(delivery, head),
        *_usual(delivery.occurred_at, to, head, subject_of(delivery)),
        ("List-Id", f"<{delivery.channel}.{head.sender.domain}>"),
        ("List-Unsubscribe", f"<{head.link(f'unsubscribe?token={unsubscribe_token}')}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("List-Archive", f"<{head.link(f'channels/{delivery.channel}')}>"),
        ("Archived-At", f"<{head.link(f'channels/{delivery.channel}/digests/{delivery.number}')}>"),
        ("Precedence", "bulk"),
    ]
    bodies = with_way_out(delivery, head.link(f"unsubscribe?token={unsubscribe_token}"))
    return written(fields, _alternatives(bodies, f"=_{delivery.delivery_id.hex}"))


def with_way_out(delivery: Delivery, link: str) -> Mapping[str, bytes]:
    """Text and page of a digest, each with the link that ends the subscription below what was frozen."""
    text, page = (delivery.bodies.get(name, b"") for name in ("text", "html"))
    words, digest = words_of(page), orjson.loads(delivery.bodies.get("json", b"{}"))
    reason = words.reason.format(channel=plain(digest.get("channel_title") or delivery.channel))
    below = (
        f'<p lang="{words.language}" dir="{words.direction}" style="text-align:center">'
        f'{escape(reason)} <a href="{escape(link)}">{escape(words.leave)}</a></p>\n'
    )
    before, end, after = page.decode().rpartition("</body>")
    return {
        "text": text + f"\n{reason}\n{words.leave}: {link}\n".encode(),
        "html": f"{before}{below}{end}{after}".encode() if end else page + below.encode(),
    }


@dataclass(frozen=True, slots=True)
class Question:
    """Whether somebody wants the digests of a channel; asked at a time, in a language."""

    identity: UUID
    channel: str
    asked_at: datetime
    words: MailWords = MAIL_WORDS["en"]
    title: str = ""


def question_mail(question: Question, to: Mailbox, head: Letterhead, confirm_token: str) -> bytes:
    """The mail that asks, with the link that says yes."""
    title = plain(question.title) or question.channel
    body = EmailMessage(policy=_POLICY)
    body.set_content(
        question.words.question.format(
            channel=title,
            page=head.link(f"channels/{question.channel}"),
            link=head.link(f"confirm?token={confirm_token}"),
        )
    )
    fields = [
        ("Message-ID", head.message_id(question.identity)),
        *_usual(question.asked_at, to, head, question.words.subject.format(channel=title)),
        ("Content-Language", question.words.language),
    ]
    return written(fields, body)


def subject_of(delivery: Delivery) -> str:
    """The channel, the number and the first title of a digest."""
    digest = orjson.loads(delivery.bodies.get("json", b"{}"))
    name = digest.get("channel_title") or delivery.channel
    titles = [one["title"] for one in digest.get("items", []) if one.get("title")]
    whole = plain(f"{name} {delivery.number}{f': {titles[0]}' if titles else ''}")
    marked = f"Test: {whole}" if delivery.options.get("test") is True else whole
    return marked if len(marked) <= LONGEST_SUBJECT else f"{marked[: LONGEST_SUBJECT - 1]}…"


def written(fields: Fields, body: EmailMessage) -> bytes:
    """The bytes of a mail; raises ``ValueError`` for a field that would begin a line of its own."""
    lines = []
    for name, value in fields:
        if _BREAKS.search(_FOLDS.sub("", value)):
            raise ValueError(f"the field {name} has a line break")
        lines.append(f"{name}: {value}\r\n")
    return "".join(lines).encode() + body.as_bytes()


def _usual(at: datetime, to: Mailbox, head: Letterhead, subject: str) -> Fields:
    return [
        ("Date", format_datetime(at)),
        ("From", head.author),
        ("To", str(to)),
        ("Subject", _encoded(subject, "Subject")),
        ("Auto-Submitted", "auto-generated"),
    ]


def _threading(delivery: Delivery, head: Letterhead) -> Fields:
    """A correction answers the mail of the newest digest that it corrects."""
    corrected = sorted(number for number in delivery.corrects if number < delivery.number)
    ids = [
        head.message_id(delivery_id(delivery.channel, number, delivery.subscription_id))
        for number in corrected[-MOST_REFERENCES:]
    ]
    return [("In-Reply-To", ids[-1]), ("References", "\r\n ".join(ids))] if ids else []


def _alternatives(bodies: Mapping[str, bytes], boundary: str) -> EmailMessage:
    body = EmailMessage(policy=_POLICY)
    body.set_content(bodies.get("text", b"").decode())
    body.add_alternative(bodies.get("html", b"").decode(), subtype="html")
    body.set_boundary(boundary)
    return body


def _encoded(text: str, name: str) -> str:
    """Text of a field, in words of RFC 2047 if it has to be."""
    if text.isascii() and "=?" not in text:
        return text
    return Header(text, "utf-8", maxlinelen=75, header_name=name).encode(linesep="\r\n")
