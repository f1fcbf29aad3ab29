"""Everything with a known name: countries and cities from CLDR and our list, and all the records.

CLDR (through Babel) names each territory and the exemplar city of each time zone in the language
of the article; ``places.txt`` adds cities, the records organisations and public figures.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from services.enrich.knowledge import load
from services.enrich.matching import Known, NameIndex
from services.enrich.wordlists import lines, sections

COUNTRY_SCORE, CITY_SCORE, CURATED_SCORE, WEAK_SCORE = 0.99, 0.9, 0.95, 0.75

MOST_LANGUAGES = 16
"""Languages whose names are kept in memory, at about 3 MB each."""

_CONTINENTS = frozenset({"002", "003", "005", "009", "013", "019", "021", "142", "150"})
_NO_PLACES = frozenset({"EU", "UN", "EZ", "ZZ", "QO", "XA", "XB", "CQ", "UM"})
_FEW_ZONES = {
    "US": "New_York Chicago Los_Angeles Denver Phoenix Detroit Anchorage Honolulu",
    "CA": "Toronto Montreal Vancouver Halifax Winnipeg Edmonton",
    "AU": "Sydney Melbourne Brisbane Perth Adelaide Darwin Hobart",
    "BR": "Sao_Paulo Recife Fortaleza Manaus Maceio Cuiaba Belem",
    "MX": "Mexico_City Tijuana Cancun Monterrey Hermosillo",
    "AR": "Buenos_Aires Cordoba Tucuman Ushuaia",
    "KZ": "Almaty",
    "AQ": "",
}
"""Of countries with many zones only those named for a city that is in the news."""

_NO_CITIES = frozenset(
    """
    Easter Wake Midway Johnston Wallis Canary Azores Madeira Faroe Stanley South_Georgia Chagos
    Christmas Cocos Kerguelen Mahe Marquesas Gambier Kosrae Chatham Comoro Male Thule Danmarkshavn
    Troll Marigot Galapagos Efate Enderbury Kanton Kiritimati Fiji Guadalcanal Tongatapu Norfolk
    Pitcairn Tarawa Majuro Kwajalein Chuuk Pohnpei Truk Ponape Nauru Funafuti Saipan Pago_Pago
    Lower_Princes Kralendijk Hovd Choibalsan Busingen Swift_Current Maldives Mauritius Mayotte
    Reunion Antananarivo_ Zaporozhye Uzhgorod Ust-Nera Khandyga Srednekolymsk
    """.split(),
)


class Gazetteer:
    """The names to look for in texts of one language (BCP 47 primary subtag, or ``und``)."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.index = NameIndex(language)
        locale = locale_of(language)
        self._add_countries(locale)
        self._add_listed()
        self._add_records()
        self._add_cities(locale)

    @staticmethod
    @lru_cache(maxsize=MOST_LANGUAGES)
    def load(language: str) -> Gazetteer:
        """The gazetteer of the language, built on first use."""
        return Gazetteer(language)

    def _add_countries(self, locale: Locale) -> None:
        for known, name in territories(locale):
            self._add(name, known, COUNTRY_SCORE)

    def _add_cities(self, locale: Locale) -> None:
        for zone, country in _zones():
            english = _english_city(zone)
            known = Known(f"place:{slug(english)}-{country.lower()}", "LOC", english)
            name = locale.time_zones.get(zone, {}).get("city")
            if name is None and _is_latin(locale):
                name = english
            if name is not None:
                self._add(name, known, CITY_SCORE)

    def _add_listed(self) -> None:
        for known, score, names in listed_places():
            for name in names:
                form, _, languages = name.partition("@")
                if not languages or self.language in languages.split(","):
                    self._add(form, known, score)

    def _add_records(self) -> None:
        """Organisations and people by all their names; a surname is enough to see that it is a person."""
        for record in load():
            known = Known(record.id, record.type, record.name, record.verified)
            groups = (*record.names.values(), *record.bare.values(), record.acronyms_in(self.language))
            for form in dict.fromkeys((record.name, *(form for group in groups for form in group))):
                self._add(f"~{form}" if form in record.weak else form, known, CURATED_SCORE)

    def _add(self, form: str, known: Known, score: float) -> None:
        bare = form.lstrip("~")
        weak = form.startswith("~") or bare.casefold() in sections("rules.txt")["weak"]
        self.index.add(bare, known, min(score, WEAK_SCORE) if weak else score, weak=weak)


def territories(locale: Locale) -> Iterator[tuple[Known, str]]:
    """Countries, dependent territories and continents with their CLDR names in the language."""
    english = Locale("en").territories
    for code, name in sorted(locale.territories.items()):
        if code in _NO_PLACES or (code.isdigit() and code not in _CONTINENTS):
            continue
        scheme = "m49" if code.isdigit() else "iso3166"
        known = Known(f"{scheme}:{code}", "LOC", english.get(code, name), verified=True)
        for form in _forms(name):
            yield known, form


def listed_places() -> Iterator[tuple[Known, float, tuple[str, ...]]]:
    """The records of ``places.txt``: what is known, the score of its names, and these.

    A line is ``id; names``, names separated by ``|``, the English canonical name first. The id is
    ``iso3166:…`` (another name of a CLDR territory), a country code or ``-`` (make an id of the name).
    """
    for line in lines("places.txt"):
        key, _, rest = line.partition(";")
        names = tuple(name.strip() for name in rest.split("|") if name.strip())
        canonical = names[0].lstrip("~").partition("@")[0]
        yield Known(place_id(key.strip(), canonical), "LOC", canonical), _score(key), names


def _score(key: str) -> float:
    return COUNTRY_SCORE if key.startswith("iso3166:") else CURATED_SCORE


def place_id(key: str, canonical: str) -> str:
    """The id of a place of the list that no other source has."""
    if key.startswith("iso3166:"):
        return key
    return f"place:{slug(canonical)}" + ("" if key == "-" else f"-{key.lower()}")


def slug(name: str) -> str:
    """Lower-case ASCII letters and digits joined by ``-``; other letters lose their marks."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in bare).split())


def _forms(name: str) -> tuple[str, ...]:
    """A CLDR name, also without what stands in brackets: ``Myanmar`` of ``Myanmar (Burma)``."""
    head = name.partition(" (")[0]
    return (name,) if head == name else (name, head)


def locale_of(language: str) -> Locale:
    """The CLDR locale of the language, English where there is none."""
    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def _is_latin(locale: Locale) -> bool:
    return str(locale.territories.get("FR", "F"))[0] < "\u0250"


@cache
def _zones() -> tuple[tuple[str, str], ...]:
    """Time zones named for a city that is worth knowing, with its country."""
    found = []
    for country, zones in sorted(get_global("territory_zones").items()):
        few = _FEW_ZONES.get(country)
        for zone in zones:
            last = zone.rsplit("/", 1)[-1]
            wanted = last in few.split() if few is not None else last not in _NO_CITIES
            if wanted and len(country) == 2 and not zone.startswith(("Etc/", "Antarctica/")):  # noqa: PLR2004 - ISO alpha-2
                found.append((zone, country))
    return tuple(found)


def _english_city(zone: str) -> str:
    named = Locale("en").time_zones.get(zone, {}).get("city")
    return str(named or zone.rsplit("/", 1)[-1].replace("_", " "))
