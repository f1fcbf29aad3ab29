"""What stands before the first sentence of a report: who wrote it, and where and when it was filed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from newsfeed.documents import Dateline
from services.ingest.prose.paragraphs import Prose

_BYLINE_WORD = re.compile(
    r"^(?:by|par|von|por|di|door|de la redacción de|av|af|tekst|text|texte|auteur|author|autor|autore"
    r"|текст|автор|作者|記者|记者|文)(?:[ \t]*[:：][ \t]*|[ \t]+)(?P<who>\S.{1,118})$",
    re.IGNORECASE,
)
_PARTICLES = (
    "(?:de|da|do|dos|das|di|del|della|du|des|van|von|zu|der|den|ter|la|le|el|al|bin|ibn|ben|y|af|av|e)"
)
_NAME = re.compile(
    rf"[^\W\d_a-zß-öø-ÿ][\w.'’\-]*(?:\s+(?:{_PARTICLES}\s+){{0,3}}[^\W\d_a-zß-öø-ÿ][\w.'’\-]*){{0,4}}"
)
_AND = re.compile(r"\s*(?:,|;|/|&|\||、)\s*|\s+(?:and|et|und|y|e|en|og|och|with|avec|mit|con|и)\s+")
_ROLE = re.compile(
    r"\b(?:correspondent|reporter|editor|staff writer|columnist|contributor|bureau chief|redakteur(?:in)?"
    r"|korrespondent(?:in)?|correspondante?|journaliste?|envoyée? spéciale?|corresponsal|redactora?)$",
    re.IGNORECASE,
)
"""What somebody is, after a comma behind the name."""

_DESK = re.compile(r"(?:PA|AP|AFP|AAP|ANSA|EFE|NTB|STT|TT|ATS|SDA|dpa|Reuters|Belga|Kyodo)\b")
"""An agency, alone or with the place of its desk."""

_OUTLET = re.compile(r"\s+(?:in|for|at|of|à|in|en|für|para|da|em|из|в)\s.*$|\s*[(\[].*$|\s+[-–—|]\s+.*$")
_BYLINE_CHARACTERS = 120
_BYLINE_WITHIN = 3
_DATELINE_CHARACTERS = 200

_UPPER = r"[^\W\d_a-zß-öø-ÿа-яё]"
_PLACE = rf"{_UPPER}[\w.'’\-]*(?:[ /,]+(?:{_PARTICLES}\s)?{_UPPER}[\w.'’\-]*){{0,5}}"
_DAY = r"\d{1,2}\.?(?:er)?\s+(?:de\s+)?[^\W\d_]{3,12}\.?|[^\W\d_]{3,12}\.?\s+\d{1,2}"
_DATE = rf"(?:{_DAY})(?:,?\s+(?:de\s+)?\d{{4}})?"
_DASH = r"(?:\s*[—–]{1,2}\s*|\s+[-_]{1,3}\s+|\s*--\s*)"
_WITH_AGENCY = re.compile(
    rf"^(?P<place>{_PLACE})(?:,\s*(?P<date>{_DATE}))?,?\s*"
    rf"(?:\((?P<agency>[^()\n]{{2,40}})\)(?:{_DASH}|:\s+|\.\s*[—–-]\s*)|/(?P<slashed>[^/\n]{{2,30}})/[.\s]*[—–-]?\s*)"
)
_WITH_DATE = re.compile(
    rf"^(?P<place>{_PLACE}),\s*(?P<date>{_DATE})(?:{_DASH}|\.\s*[—–-]\s*)(?:(?P<agency>[\w .]{{2,30}})\.\s+)?"
)
_BARE = re.compile(
    rf"^(?P<place>[^\W\d_a-zß-öø-ÿа-яё]{{3,}}(?:[ .,'’\-/]+[^\W\d_a-zß-öø-ÿа-яё]{{2,}}){{0,4}}){_DASH}(?=\S)"
)
_AGENCY_ALONE = re.compile(rf"^\((?P<agency>[A-Z][\w ./]{{1,30}})\){_DASH}")
_NO_PLACE = frozenset(
    "ANALYSIS BREAKING CORRECTED CORRECTION EXCLUSIVE EXPLAINER FACTBOX INTERVIEW LIVE NATO OPINION OTAN "
    "UPDATE URGENT VIDEO WATCH WRAPUP ALERTE EILMELDUNG ONU USA".split()
)


@dataclass(frozen=True)
class Opening:
    """A text freed of its byline and dateline, and both."""

    prose: Prose
    byline: str | None = None
    authors: tuple[str, ...] = ()
    dateline: Dateline | None = None


def lift_opening(prose: Prose) -> Opening:
    """Take a byline line and a dateline from the start of a text."""
    byline, rest = _lift_byline(prose)
    dateline, length = find_dateline(rest.paragraphs[0]) if rest.paragraphs else (None, 0)
    if dateline:
        first = rest.paragraphs[0][length:]
        rest = Prose((first, *rest.paragraphs[1:]), rest.headings) if first else rest.without_first()
    return Opening(rest, byline, authors_of(byline) if byline else (), dateline)


def find_dateline(paragraph: str) -> tuple[Dateline | None, int]:
    """The dateline that ``paragraph`` begins with and the characters it takes; (None, 0) without one."""
    for pattern in (_WITH_AGENCY, _WITH_DATE, _BARE, _AGENCY_ALONE):
        found = pattern.match(paragraph[:_DATELINE_CHARACTERS])
        parts = found.groupdict() if found else {}
        if not found or parts.get("place") in _NO_PLACE:
            continue
        agency = parts.get("agency") or parts.get("slashed")
        date = (parts.get("date") or "").rstrip(".") or None
        return Dateline(place=parts.get("place"), date=date, agency=agency), found.end()
    return None, 0


def find_byline(line: str) -> str | None:
    """Who wrote it, when ``line`` is nothing but a byline (``By ANN LEE``, ``Von Eva Klein``)."""
    if len(line) > _BYLINE_CHARACTERS or line.endswith(("。", "!", "?")):
        return None
    found = _BYLINE_WORD.match(line)
    who = found["who"].strip() if found else ""
    if not who or (who.isascii() and not who[0].isupper()):
        return None
    parts = [part for part in _AND.split(_OUTLET.sub("", who)) if part]
    names = [part for part in parts if not _DESK.match(part)]
    return who if names and all(_NAME.fullmatch(name) or not name.isascii() for name in names) else None


def authors_of(byline: str) -> tuple[str, ...]:
    """The people in a byline, agencies and places left out where people are named in two words."""
    found = _BYLINE_WORD.match(byline.strip())
    bare = found["who"] if found else byline.strip()
    names = [" ".join(part.split()) for part in _AND.split(_OUTLET.sub("", bare)) if part.strip()]
    names = [name for name in names if not (_ROLE.search(name) or _DESK.match(name))] or names
    full = [name for name in names if " " in name]
    return tuple(dict.fromkeys(full or names))


def says_role(name: str) -> bool:
    """Whether what somebody is stands behind the name (``Ann Lee, Senior Editor``)."""
    return "," in name and _ROLE.search(name) is not None


def _lift_byline(prose: Prose) -> tuple[str | None, Prose]:
    for index, paragraph in enumerate(prose.paragraphs[:_BYLINE_WITHIN]):
        if index in prose.headings:
            continue
        who = find_byline(paragraph)
        if who:
            paragraphs = prose.paragraphs[:index] + prose.paragraphs[index + 1 :]
            headings = tuple(place - (place > index) for place in prose.headings)
            return who, Prose(paragraphs, headings)
    return None, prose
