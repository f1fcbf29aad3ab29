"""What the wire standards share: publication status, times, subject codes, languages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from services.ingest.article import Status
from services.ingest.prose.sentences import collapse
from services.ingest.times import DATE_UNREADABLE, ZONE_ASSUMED, parse_time

_CANCELED = frozenset(
    "canceled cancelled cancel killed kill withdrawn deleted removed retracted annulled".split()
)
_EMBARGOED = frozenset({"embargoed", "embargo"})
_WITHHELD = _EMBARGOED | {"withheld", "hold", "held"}
_MEDTOP = re.compile(r"(?:medtop:|mediatopics?[/:]|^)(?P<code>20\d{6}|(?:0[1-9]|1[0-7])0{6})$")
_SUBJECT_CODE = re.compile(r"(?:^|subj:|subjectcodes?[/:])(?P<code>\d{7,8})$")
_TOP_TOPICS = 17


def status_of(value: str | None, embargo_until: datetime | None = None) -> Status:
    """The status in a word, a qcode (``stat:canceled``) or a URI.

    An embargo with a time is an article that waits for it; one without is withheld.
    """
    word = re.split(r"[:/#]", (value or "").strip().casefold())[-1]
    if word in _EMBARGOED and embargo_until:
        return "usable"
    return "canceled" if word in _CANCELED else "withheld" if word in _WITHHELD else "usable"


def time_of(values: Iterable[str | None], warnings: list[str]) -> datetime | None:
    """The first readable time; the warnings say of an unreadable one, and of an assumed zone."""
    given = [value.strip() for value in values if value and value.strip()]
    for value in given:
        if moment := parse_time(value):
            warnings += [ZONE_ASSUMED] if moment.zone_assumed else []
            return moment.at
    warnings += [DATE_UNREADABLE] if given else []
    return None


def topic_of(code: str) -> str | None:
    """The Media Topic of a code: itself, or the top topic that a subject code stands under.

    The IPTC kept the seventeen top numbers when the Media Topics replaced the Subject Codes
    (https://cv.iptc.org/newscodes/mediatopic/); below them nothing is equal.
    """
    if found := _MEDTOP.search(code):
        return f"medtop:{found['code']}"
    subject = _SUBJECT_CODE.search(code)
    top = int(subject["code"].zfill(8)[:2]) if subject else 0
    return f"medtop:{top:02}000000" if 1 <= top <= _TOP_TOPICS else None


def is_exact(code: str) -> bool:
    """Whether :func:`topic_of` loses nothing of the code."""
    return _MEDTOP.search(code) is not None


def topics_of(codes: Iterable[str]) -> tuple[str, ...]:
    """The distinct Media Topics of some codes, in order."""
    found = (topic_of(code.strip()) for code in codes)
    return tuple(dict.fromkeys(topic for topic in found if topic))


def joined_lines(values: Iterable[str]) -> str | None:
    """Distinct texts, one a line; None without any."""
    return "\n".join(dict.fromkeys(shown for value in values if (shown := collapse(value)))) or None
