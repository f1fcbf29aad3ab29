"""The last step of every format: a title for every article, and no article without text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from services.ingest.article import Rejection
from services.ingest.charset import clean
from services.ingest.prose.sentences import collapse, derived_title

_REGION, _SCRIPT = 2, 4
_LIST_SIGN = re.compile(r"[,;،、]")
_LANGUAGE = re.compile(r"^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$", re.IGNORECASE)


def titled(title: str | None, body: str) -> tuple[str, bool]:
    """The title on one line and whether it was derived; raises Rejection ``no_text`` without both."""
    given = collapse(clean(title or "")[0])
    if given:
        return given, False
    if not body.strip():
        raise Rejection("no_text", "neither a title nor a body")
    return derived_title(body), True


def language_tag(value: object, default: str | None = None) -> str | None:
    """``en-GB`` of ``en_gb``; ``default`` when ``value`` is no language tag (BCP 47)."""
    if not isinstance(value, str) or not _LANGUAGE.match(tag := value.strip().replace("_", "-")):
        return default
    primary, *subtags = tag.split("-")
    shaped = [
        part.upper() if len(part) == _REGION else part.title() if len(part) == _SCRIPT else part.lower()
        for part in subtags
    ]
    return "-".join([primary.lower(), *shaped])


def words(values: Iterable[object], *, split: bool = False) -> tuple[str, ...]:
    """Distinct non-empty texts in order; ``split`` also parts each at commas and semicolons."""
    texts = [value for value in values if isinstance(value, str)]
    parts = [part for text in texts for part in (_LIST_SIGN.split(text) if split else [text])]
    return tuple(dict.fromkeys(shown for part in parts if (shown := collapse(clean(part)[0]))))


def urgency_of(value: object) -> int | None:
    """IPTC urgency 1 (most) to 9 (least); None when it is anything else."""
    try:
        number = int(str(value))
    except ValueError:
        return None
    return number if 1 <= number <= 9 else None  # noqa: PLR2004 - the IPTC scale
