"""Places by their names: the countries of CLDR, cities in nine scripts, and places in our own news.

What is measured is linking alone: it is told where a name stands and that it is a place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from babel import Locale

from newsfeed.documents import Entity, EntityType
from quality.measures import GOLD, Measure, digest_of, digest_of_text
from services.enrich.linking import Passage, link
from services.enrich.recognition.recognised import Recognised
from services.enrich.text import tokenise

LANGUAGES = (
    "ar bg ca cs da de el en es fa fi fr he hi hr hu id it ja ko nb nl pl pt ro ru sk sr sv tr uk vi zh"
).split()
NO_TERRITORIES = {"EU", "UN", "EZ", "ZZ", "QO", "XA", "XB", "CQ", "UM"}

AMBIGUOUS = {("cs", "Norfolk"), ("nl", "Norfolk"), ("pl", "Norfolk"), ("sk", "Norfolk")}
"""Norfolk Island is meant less often than the county and the city of that name."""

CITIES, PLACES = GOLD / "cities.txt", GOLD / "places.txt"
MARKED = re.compile(r"\[([^|\]]+)\|([^\]]+)\]")
Seen = tuple[int, int, EntityType]


def measure(_data: Path) -> Iterator[Measure]:
    """All figures; the names of countries and the gold sets are everywhere."""
    yield _all_right("countries", countries(), digest_of_text("\n".join(map(str, territory_names()))))
    yield from own()


def own() -> Iterator[Measure]:
    """Cities, and the places of our own news."""
    yield _all_right("cities", cities(), digest_of([CITIES]))
    yield from places()


def _all_right(name: str, found: Iterable[tuple[str, bool]], digest: str) -> Measure:
    """A figure that must be 1."""
    results = list(found)
    wrong = [asked for asked, right in results if not right]
    detail = f"{len(results)} names; wrong: {', '.join(wrong[:5]) or 'none'}"
    return Measure("linking", name, 1 - len(wrong) / len(results), digest, detail, margin=0.0)


def countries() -> Iterator[tuple[str, bool]]:
    """``language name``, and whether it leads to its code; without those that are ambiguous."""
    for language, name, code in territory_names():
        found = linked_at(name, language, [(0, len(name), "LOC")])
        yield f"{language} {name}", [one.id for one in found] == [f"iso3166:{code}"]


@cache
def territory_names() -> tuple[tuple[str, str, str], ...]:
    """Language, name and ISO 3166 code of every territory in CLDR, as Babel has it."""
    return tuple(
        (language, name, code)
        for language in LANGUAGES
        for code, name in sorted(Locale.parse(language).territories.items())
        if code.isalpha() and code not in NO_TERRITORIES and (language, name) not in AMBIGUOUS
    )


def cities() -> Iterator[tuple[str, bool]]:
    """``language name``, and whether it leads to its number."""
    for number, language, name in city_names():
        found = linked_at(name, language, [(0, len(name), "LOC")])
        right = [(one.id, one.method) for one in found] == [(f"geonames:{number}", "city")]
        yield f"{language} {name}", right


def city_names() -> Iterator[tuple[str, str, str]]:
    """GeoNames number, language and name of each probe."""
    for line in CITIES.read_text(encoding="utf-8").splitlines():
        number, _, probes = line.partition("\t")
        for probe in () if line.startswith("#") else probes.split():
            name, _, language = probe.replace("_", " ").partition("@")
            yield number, language, name


def places() -> Iterator[Measure]:
    """Exact ids in our own news, in English and in other languages."""
    right: dict[str, list[bool]] = {"places/en": [], "places/other": []}
    for line in PLACES.read_text(encoding="utf-8").splitlines():
        language, _, text = line.partition("\t")
        right["places/en" if language == "en" else "places/other"] += _exact(language, text)
    digest = digest_of([PLACES])
    for name, results in right.items():
        yield Measure("linking", name, sum(results) / len(results), digest, f"{len(results)} places")


def _exact(language: str, text: str) -> list[bool]:
    """Whether each place of a marked text has its id."""
    plain, gold = marked(text)
    found = linked_at(plain, language, [(start, end, "LOC") for start, end in gold])
    ids = {mention.end: entity.id for entity in found for mention in entity.mentions}
    return [ids.get(end, "local").startswith(wanted) for (_, end), wanted in gold.items()]


def marked(text: str) -> tuple[str, dict[tuple[int, int], str]]:
    """The plain text, and what is marked of it by its characters ``[start, end)``."""
    plain, gold, length = "", {}, 0
    for number, piece in enumerate(MARKED.split(text)):
        if number % 3 == 2:  # noqa: PLR2004 - text, name, mark, text, …
            gold[len(plain) - length, len(plain)] = piece
        else:
            plain, length = plain + piece, len(piece)
    return plain, gold


def linked_at(text: str, language: str, seen: Iterable[Seen]) -> tuple[Entity, ...]:
    """A text linked in which the tokens that touch characters ``[start, end)`` were seen as of a type."""
    tokens = tokenise(text)
    spans = []
    for start, end, kind in sorted(seen):
        at = [index for index, token in enumerate(tokens) if token.start < end and token.end > start]
        spans.append(Recognised(at[0], at[-1] + 1, tokens[at[0]].start, tokens[at[-1]].end, kind, 0.9))
    return link(Passage(text, tokens, language), spans)
