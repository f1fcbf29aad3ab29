"""What a record of the curated knowledge must be, beyond its shape."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from babel import Locale

Row = Mapping[str, Any]

KEYS = frozenset("id type name names acronyms bare weak country verified ambiguous from to".split())
IDS = re.compile(r"wikidata:Q[1-9][0-9]*|newsfeed:[a-z0-9]+(-[a-z0-9]+)*")
SCRIPTS = {
    **dict.fromkeys(("ru", "uk", "bg", "be", "sr", "mk"), "CYRILLIC"),
    **dict.fromkeys(("ar", "fa", "ur"), "ARABIC"),
    "zh": "CJK",
    "ja": "CJK HIRAGANA KATAKANA KATAKANA-HIRAGANA",
    "ko": "HANGUL",
    "he": "HEBREW",
    "el": "GREEK",
    "hi": "DEVANAGARI",
}
"""Scripts of the languages that are not written in Latin letters, by the first word of Unicode's names."""

FOREIGN_LETTERS = {"ru": "іїєґ", "uk": "ыэъё", "ar": "یکگپچ"}
"""Letters that a language of the script does not have: a sign of a name under the wrong language."""

ROMAN_NUMERALS = re.compile(r"\b[IVX]+\b")
"""Of popes and kings, the same in Cyrillic."""

MIXING = frozenset({"zh", "ja", "ko"})
"""Languages whose words may hold Latin letters, as ``C罗`` does."""


def problems(rows: Iterable[Row]) -> Iterator[str]:
    """What is wrong, one sentence each; nothing if the records can be trusted as far as this can tell."""
    rows = list(rows)
    for row in rows:
        for problem in (*_shape(row), *_forms(row), *_validity(row)):
            yield f"{row.get('id')}: {problem}"
    yield from _repeated_ids(rows)
    yield from _rival_claims(rows)


def _shape(row: Row) -> Iterator[str]:
    if unknown := set(row) - KEYS:
        yield f"unknown keys {sorted(unknown)}"
    if not IDS.fullmatch(str(row.get("id"))):
        yield "the id is neither wikidata:Q… nor newsfeed:slug"
    if row.get("type") not in {"ORG", "PER"} or not isinstance(row.get("name"), str):
        yield "type or name is missing"
    if row.get("verified") and not str(row.get("id")).startswith("wikidata:"):
        yield "only a Wikidata number can be verified"
    if "country" in row and (row["country"] != "XX" and row["country"] not in Locale("en").territories):
        yield f"no such country: {row['country']}"
    spelt = {row.get("name"), *(form for _, _, form in spellings(row))}
    if stray := set(row.get("weak", ())) - spelt:
        yield f"weak but no name: {sorted(stray)}"


def spellings(row: Row) -> Iterator[tuple[str, str, str]]:
    """Kind (``names``, ``acronyms`` or ``bare``), language and form of everything the record is called."""
    for kind in ("names", "acronyms", "bare"):
        for language, forms in row.get(kind, {}).items():
            for form in forms:
                yield kind, language, form


def _forms(row: Row) -> Iterator[str]:
    yield from _spelling("en", row.get("name", ""))
    seen = set()
    for kind, language, form in spellings(row):
        yield from _spelling(language, form)
        if kind == "acronyms" and form != form.upper():
            yield f"an acronym that is not upper case: {form}"
        if (language, form) in seen:
            yield f"said twice in {language}: {form}"
        seen.add((language, form))


def _spelling(language: str, form: str) -> Iterator[str]:
    """What is wrong with one form in the language."""
    if not form or form != " ".join(form.split()) or unicodedata.normalize("NFC", form) != form:
        yield f"not NFC or with stray blanks: {form!r}"
    if "~" in form or "|" in form or ";" in form or "@" in form:
        yield f"a mark that belongs to no name: {form}"
    letters = form if language in MIXING or form.isascii() else ROMAN_NUMERALS.sub("", form)
    scripts = {_script(char) for char in letters if char.isalpha()}
    wanted = set(SCRIPTS.get(language, "LATIN").split())
    allowed = wanted | ({"LATIN"} if language in MIXING else set())
    if language == "*":
        allowed = wanted = scripts if len(scripts) == 1 else {"LATIN"}
    if not scripts & wanted or scripts - allowed:
        yield f"not in the script of {language}: {form}"
    if foreign := set(FOREIGN_LETTERS.get(language, "")) & set(form.casefold()):
        yield f"letters {sorted(foreign)} that {language} does not have: {form}"


def _script(char: str) -> str:
    return unicodedata.name(char, "UNKNOWN").split()[0]


def _validity(row: Row) -> Iterator[str]:
    days = [row[key] for key in ("from", "to") if key in row]
    if not all(isinstance(day, date) for day in days):
        yield f"not a date: {days}"
    elif days != sorted(days):
        yield "ends before it begins"


def _repeated_ids(rows: Iterable[Row]) -> Iterator[str]:
    seen = set()
    for row in rows:
        if row["id"] in seen:
            yield f"{row['id']}: used twice"
        seen.add(row["id"])


def _rival_claims(rows: Iterable[Row]) -> Iterator[str]:
    """Names that two records claim in one language, neither of them saying so."""
    claims: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        for language, form in _claims(row):
            claims[form][language].add(row["id"])
    for form, by_language in sorted(claims.items()):
        everywhere = by_language.get("*", set())
        for language, ids in sorted(by_language.items()):
            if len(ids | everywhere) > 1:
                yield f"{' and '.join(sorted(ids | everywhere))}: both are {form} in {language}"


def _claims(row: Row) -> set[tuple[str, str]]:
    """Language and form of all that the record has to itself; its English name is its own everywhere."""
    if row.get("ambiguous"):
        return set()
    called = {("*", row["name"]), *((language, form) for _, language, form in spellings(row))}
    return {(language, form) for language, form in called if form not in row.get("weak", ())}
