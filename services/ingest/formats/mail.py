"""E-mail: single messages (``.eml``) and mailboxes (mbox), sound or broken."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.ingest.article import Article, Reading, ReadingHint, Rejection
from services.ingest.formats.mail_message import read_message
from services.ingest.formats.shape import CERTAIN, LIKELY, NEVER, Head
from services.ingest.progress import each

FORMAT = "mail"
VERSION = 2

MESSAGES_SKIPPED = "messages_skipped"

_SUFFIXES = frozenset({".eml", ".mbox", ".mbx", ".mail", ".mht", ".mhtml", ".emlx", ".msg"})
_FIELD = re.compile(r"^(?P<name>[!-9;-~]{1,76})[ \t]*:")
_ENVELOPE = re.compile(rb"^From \S+[ \t].*\d{4}|^From (?:-|\S+@\S+)[ \t]*$")
_OPENING = re.compile(r"\s*(?:>?From \S|[!-9;-~]{1,76}[ \t]*:)")
_ENVELOPE_TEXT = re.compile(r"^>?From \S+")
_FIELD_BYTES = re.compile(rb"^[!-9;-~]{1,76}[ \t]*:")
_COMMON = frozenset(
    "from to cc bcc subject date sender reply-to in-reply-to references keywords newsgroups path lines "
    "organization content-language importance priority comments resent-from resent-date errors-to "
    "apparently-to precedence".split()
)
_TELLING = frozenset(
    "message-id received mime-version return-path content-type content-transfer-encoding delivered-to "
    "dkim-signature x-mailer x-originating-ip authentication-results list-id list-unsubscribe user-agent "
    "envelope-to x-received arc-seal status x-mozilla-status".split()
)
_LOOKED_AT_LINES = 60


def recognise(head: Head) -> int:
    """By the names of the first header fields."""
    common, telling = _fields(head.text)
    if head.suffix in _SUFFIXES and common + telling:
        return CERTAIN
    if telling and common + telling > 1:
        return CERTAIN
    return LIKELY + 2 if common > 2 else NEVER  # noqa: PLR2004 - From, Date and Subject


def parse(data: bytes, hint: ReadingHint) -> Reading:
    """The message, or all of a mailbox; raises Rejection ``no_text`` when none has a text or a subject.

    The charset is that of all their texts; texts in several have none in common.
    """
    messages = list(_messages(data))
    read = [read_message(message, hint, alone=len(messages) == 1) for message in each(messages)]
    found = tuple(article for article, _ in read if article)
    if not found:
        raise Rejection("no_text", "neither a subject nor a text")
    lost = len(read) - len(found)
    charsets = {charset for _, texts in read for charset in texts}
    return Reading(
        format="mbox" if len(messages) > 1 else "eml",
        parser_version=VERSION,
        charset=charsets.pop() if len(charsets) == 1 else None,
        articles=_distinct(found),
        warnings=(f"{MESSAGES_SKIPPED}: {lost} of {len(read)}",) if lost else (),
    )


def _fields(text: str) -> tuple[int, int]:
    """How many names of common and of telling header fields the text begins with."""
    if not _OPENING.match(text):
        return 0, 0
    names: set[str] = set()
    bare = text.lstrip().replace("\r\n", "\n").replace("\r", "\n")
    lines = bare.split("\n", _LOOKED_AT_LINES)[:_LOOKED_AT_LINES]
    for line in lines[1:] if lines and _ENVELOPE_TEXT.match(lines[0]) else lines:
        found = _FIELD.match(line)
        if found:
            names.add(found["name"].lower())
        elif not line.startswith((" ", "\t")):
            break
    return len(names & _COMMON), len(names & _TELLING)


def _messages(data: bytes) -> Iterator[bytes]:
    """Each message with lines that end in a line feed, freed of its ``From`` line and its ``>From``.

    A message begins at a ``From`` line before which there is a blank line and after which a field.
    """
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\n\xef\xbb\xbf").split(b"\n")
    if not _ENVELOPE.match(lines[0]):
        yield b"\n".join(lines)
        return
    starts = [index for index in range(len(lines)) if _begins(lines, index)] or [0]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        inner = [re.sub(rb"^>(>*From )", rb"\1", line) for line in lines[start + 1 : end]]
        yield b"\n".join(inner)


def _begins(lines: list[bytes], index: int) -> bool:
    line = lines[index]
    if not line.startswith(b"From ") or not _ENVELOPE.match(line):
        return False
    is_after_blank = index == 0 or not lines[index - 1].strip()
    following = lines[index + 1] if index + 1 < len(lines) else b""
    return is_after_blank and (index == 0 or _FIELD_BYTES.match(following) is not None)


def _distinct(articles: tuple[Article, ...]) -> tuple[Article, ...]:
    """The articles; copies of one message (sent and received) are one."""
    return tuple({article.local_id or str(index): article for index, article in enumerate(articles)}.values())
