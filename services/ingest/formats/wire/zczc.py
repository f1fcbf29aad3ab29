"""Messages between ZCZC and NNNN whose header lines open with a sign, as Australian agencies write them.

``:`` slug, ``=`` take, ``^`` headline, ``$`` category, ``*`` layout, ``&`` service and ``+`` subject
code; some write ``#``, ``@`` and ``:`` for slug, take and headline, others ``:`` alone.
"""

from __future__ import annotations

import re

from services.ingest.article import Reading, ReadingHint
from services.ingest.formats.shape import CERTAIN, NEVER, Head
from services.ingest.formats.wire import telegram
from services.ingest.formats.wire.bodies import body_of_text
from services.ingest.formats.wire.draft import Draft
from services.ingest.formats.wire.telegram import Telegram
from services.ingest.formats.wire.values import is_exact, topics_of

FORMAT = "zczc"
VERSION = 1

_SIGNED = r"[$:=^*&+%#@](?=\S)[^\n]{0,200}"
_OPENING = re.compile(rf"\A\s*ZCZC\b[^\n]{{0,40}}\r?\n(?:{_SIGNED}\r?\n){{2}}")
_LINE = re.compile(r"^(?P<sign>[$:=^*&+%#@])(?P<text>\S[^\n]{0,199})$")
_CODE = re.compile(r"\d{8}")


def recognise(head: Head) -> int:
    """By two signed lines after the opening."""
    return CERTAIN if _OPENING.match(head.text) else NEVER


def parse(data: bytes, hint: ReadingHint) -> Reading:
    """The articles of all messages; raises Rejection ``no_text`` without any."""
    sent = telegram.read_transmission(data, hint)
    articles = telegram.articles_of(sent, _read, hint)
    return Reading(format=FORMAT, parser_version=VERSION, charset=sent.charset, articles=articles)


def _read(message: Telegram) -> Draft | None:
    """The draft of a message; None of one without a text."""
    lines = message.text.strip("\n").split("\n")
    fields: dict[str, str] = {}
    while lines and (found := _LINE.match(lines[0].rstrip())):
        fields.setdefault(found["sign"], found["text"].strip())
        lines.pop(0)
    headline, slug, take = _named(fields)
    body = body_of_text("\n".join(lines))
    code = fields.get("+", "")
    codes = [code if is_exact(code) else f"subj:{code}"] if _CODE.fullmatch(code) else []
    return Draft(
        headline=headline or " ".join(filter(None, [slug, take])) or None,
        body=body,
        slug=slug,
        keywords=tuple(one for one in codes if not is_exact(one)),
        topics=topics_of(codes),
    )


def _named(fields: dict[str, str]) -> tuple[str | None, str | None, str | None]:
    """Headline, slug and take; a colon is the slug only beside a caret or an equals sign."""
    if "^" in fields or "=" in fields:
        return fields.get("^"), fields.get(":"), fields.get("=")
    return fields.get(":"), fields.get("#"), fields.get("@")
