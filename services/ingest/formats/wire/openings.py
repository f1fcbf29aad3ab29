"""Datelines and bylines as agencies print them, in a field of their own or before the first sentence."""

from __future__ import annotations

import re

from newsfeed.documents import Dateline
from services.ingest.prose.openings import Opening, authors_of, find_byline, find_dateline, lift_opening
from services.ingest.prose.paragraphs import Prose

_AGENCY = re.compile(r"\((?P<agency>[^()]{2,40})\)|/(?P<slashed>[\w .-]{2,20})/")
_DASHES = " \t\u00a0-–—_=,:;"
_DAY_AFTER = re.compile(r"^([^\d,]{2,}?)\s+(\d{1,2}[./]\d{1,2}\.?)$")
"""A day behind a place without a comma: ``HAVENSTAD 05/03``."""

_ABBREVIATED = re.compile(r"\.[^\W\d_]+\.$")
"""A place that ends so keeps its stop: ``N.Y.``"""

_PREFACE = re.compile(r"^(?:\(.{3,300}\)|[*•–-]\s?.{3,300}|attention\b.{0,300})$", re.IGNORECASE | re.DOTALL)
_PREFACE_WITHIN = 12
_DAY = r"[^\W\d_]{3,9}\.? \d{1,2}|\d{1,2}\.? [^\W\d_]{3,9}\.?"
_PLACE = r"[^\W\d_a-z][\w.'’\- ]{1,40}?(?:, [^\W\d_a-z][\w.'’\- ]{1,30}?)?"
_MORE_DATELINES = (
    re.compile(rf"^(?P<date>{_DAY}) \((?P<agency>[^()]{{2,40}})\)\s*\.?\s*[-–—]+\s+"),
    re.compile(rf"^(?P<place>{_PLACE}), (?P<date>{_DAY})\.? /(?P<agency>[\w .-]{{2,20}})/\.?\s*[-–—]*\s*"),
    re.compile(rf"^(?P<place>{_PLACE}), (?P<date>{_DAY}) (?P<agency>[A-Z][\w.-]{{1,19}}) [-–—]+ "),
    re.compile(
        rf"^(?P<place>{_PLACE}) \((?P<agency>[A-Za-z]{{2,10}}(?:/[A-Za-z]{{2,10}}){{0,2}})\)\s+"
        rf"(?=[^\W\d_a-z]|[«“\"])"
    ),
    re.compile(rf"^\((?P<agency>[A-Z][\w.-]{{1,19}})\) [-–—] (?P<place>{_PLACE}), (?P<date>{_DAY}) [-–—] "),
)
_NOBODY = re.compile(
    r"\b(?:correspondents?|staff|(?:staff )?reporters?|writers?|editors?|redacci[oó]n|redaktion|rédaction"
    r"|agenc(?:y|ies|ia)|agence|agentur|press|presse|association|news|media|company)\b",
    re.IGNORECASE,
)
_INITIALS = re.compile(r"^[a-zäöüß]{1,5}$|^[A-ZÄÖÜ]{2,4}$|^(?=.*[./])[\w./-]{1,12}$")


def read_dateline(text: str | None) -> Dateline | None:
    """The dateline in a field: ``Paris, 21 jan 2019 (AFP) -``, ``BEIJING, July 23``, ``Oslo``."""
    bare = (text or "").lstrip(".").strip(_DASHES)
    found = _AGENCY.search(bare)
    agency = (found["agency"] or found["slashed"]).strip() if found else None
    if found:
        bare = (bare[: found.start()] + bare[found.end() :]).strip(_DASHES)
    elif not _ABBREVIATED.search(bare):
        bare = bare.rstrip(_DASHES + ".")
    parts = [part.strip() for part in _DAY_AFTER.sub(r"\1, \2", bare).split(",") if part.strip()]
    places = [part for part in parts if not re.search(r"\d", part)]
    dates = [part for part in parts if re.search(r"\d", part)]
    if not parts and not agency:
        return None
    return Dateline(place=", ".join(places) or None, date=", ".join(dates) or None, agency=agency)


def merged(given: Dateline | None, found: Dateline | None) -> Dateline | None:
    """The dateline of a field, completed by what stands before the first sentence."""
    if given is None or found is None:
        return given or found
    return Dateline(
        place=given.place or found.place,
        date=given.date or found.date,
        agency=given.agency or found.agency,
    )


def lift_wire_opening(prose: Prose) -> Opening:
    """As :func:`lift_opening`, and past what desks write to each other before the byline."""
    opening = lift_opening(prose)
    if not opening.byline and not opening.dateline:
        opening = _past_preface(opening)
    if not opening.prose.paragraphs or (opening.dateline and opening.dateline.place):
        return opening
    dateline, length = _find_any(opening.prose.paragraphs[0])
    return _at(opening, 0, merged(opening.dateline, dateline), length)


def _past_preface(opening: Opening) -> Opening:
    """The byline after ``(Adds detail)`` and bullets, and the dateline that follows it."""
    paragraphs = opening.prose.paragraphs
    for index, paragraph in enumerate(paragraphs[:_PREFACE_WITHIN]):
        if byline := find_byline(paragraph):
            kept = Prose(
                paragraphs[:index] + paragraphs[index + 1 :],
                tuple(place - (place > index) for place in opening.prose.headings if place != index),
            )
            lifted = Opening(kept, byline, authors_of(byline), None)
            dateline, length = _find_any(paragraphs[index + 1]) if index + 1 < len(paragraphs) else (None, 0)
            return _at(lifted, index, dateline, length)
        if not _PREFACE.match(paragraph):
            dateline, length = _find_any(paragraph) if index else (None, 0)
            return _at(opening, index, dateline, length)
    return opening


def _at(opening: Opening, index: int, dateline: Dateline | None, length: int) -> Opening:
    """``opening`` with the dateline taken from the paragraph at ``index``."""
    if not dateline:
        return opening
    paragraphs = list(opening.prose.paragraphs)
    rest = paragraphs[index][length:].strip()
    if not rest:
        return opening
    paragraphs[index] = rest
    prose = Prose(tuple(paragraphs), opening.prose.headings)
    return Opening(prose, opening.byline, opening.authors, dateline)


def _find_any(paragraph: str) -> tuple[Dateline | None, int]:
    dateline, length = find_dateline(paragraph)
    return (dateline, length) if dateline else _find_more(paragraph)


def _find_more(paragraph: str) -> tuple[Dateline | None, int]:
    for pattern in _MORE_DATELINES:
        if found := pattern.match(paragraph[:200]):
            parts = found.groupdict()
            dateline = Dateline(place=parts.get("place"), date=parts.get("date"), agency=parts["agency"])
            return dateline, found.end()
    return None, 0


def people_in(byline: str | None) -> tuple[str, ...]:
    """The people in a byline; initials (``gr/bp``), ``/agencies/`` and ``staff reporters`` name nobody."""
    byline = (byline or "").strip("() ")
    if not byline or byline.startswith("/") or _INITIALS.match(byline):
        return ()
    return tuple(
        name for name in authors_of(byline) if not _INITIALS.match(name) and not _NOBODY.search(name)
    )
