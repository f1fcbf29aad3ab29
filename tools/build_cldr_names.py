"""Make the names of territories and cities that :mod:`services.enrich.cldr` reads, out of those in Babel.

    python -m tools.build_cldr_names

Of the territories only countries, dependent territories and continents are kept, of the cities that time
zones are named for only those in the news. The same version of Babel gives the same lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import orjson
from babel import Locale, UnknownLocaleError
from babel.core import get_cldr_version, get_global
from babel.languages import get_official_languages
from babel.localedata import locale_identifiers

from newsfeed import zstd
from services.enrich.cldr import ENGLISH, City, Names

TARGET = Path(__file__).parents[1] / "services" / "enrich" / "data" / "cldr.zst"

CONTINENTS = frozenset({"002", "003", "005", "009", "013", "019", "021", "142", "150"})
NO_PLACES = frozenset({"EU", "UN", "EZ", "ZZ", "QO", "XA", "XB", "CQ", "UM"})
FEW_ZONES = {
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

NO_CITIES = frozenset(
    """
    Easter Wake Midway Johnston Wallis Canary Azores Madeira Faroe Stanley South_Georgia Chagos
    Christmas Cocos Kerguelen Mahe Marquesas Gambier Kosrae Chatham Comoro Male Thule Danmarkshavn
    Troll Marigot Galapagos Efate Enderbury Kanton Kiritimati Fiji Guadalcanal Tongatapu Norfolk
    Pitcairn Tarawa Majuro Kwajalein Chuuk Pohnpei Truk Ponape Nauru Funafuti Saipan Pago_Pago
    Lower_Princes Kralendijk Hovd Choibalsan Busingen Swift_Current Maldives Mauritius Mayotte
    Reunion Antananarivo_ Zaporozhye Uzhgorod Ust-Nera Khandyga Srednekolymsk
    """.split(),
)

SHORTEST_CODE, LONGEST_CODE = 2, 3
"""Letters of a language."""


def languages() -> Mapping[str, Locale]:
    """Each language that CLDR has, by all its codes of two or three letters."""
    codes = {
        "und",
        *get_global("language_aliases"),
        *(name.partition("_")[0] for name in locale_identifiers()),
    }
    found = ((code, locale_of(code)) for code in sorted(codes) if SHORTEST_CODE <= len(code) <= LONGEST_CODE)
    return {code: locale for code, locale in found if locale is not None}


def locale_of(code: str) -> Locale | None:
    """The locale of a language, None if CLDR has none."""
    try:
        return Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        return None


def cities() -> Iterator[City]:
    """The cities that time zones are named for and that are worth knowing."""
    for country, zones in sorted(get_global("territory_zones").items()):
        few = FEW_ZONES.get(country)
        for zone in zones:
            last = zone.rpartition("/")[2]
            wanted = last in few.split() if few is not None else last not in NO_CITIES
            if wanted and len(country) == 2 and not zone.startswith(("Etc/", "Antarctica/")):  # noqa: PLR2004 - ISO alpha-2
                yield City(zone, country, _city(Locale(ENGLISH), zone) or last.replace("_", " "))


def _city(locale: Locale, zone: str) -> str | None:
    name: str | None = locale.time_zones.get(zone, {}).get("city")
    return name


def names(locale: Locale, zones: Iterable[str]) -> Names:
    """What the language calls them, as far as it has names for them."""
    territories = {
        code: name
        for code, name in sorted(locale.territories.items())
        if code not in NO_PLACES and (code in CONTINENTS or not code.isdigit())
    }
    return Names(territories, {zone: name for zone in zones if (name := _city(locale, zone)) is not None})


def speakers() -> dict[str, list[str]]:
    """Language to the countries where it is official, or all but."""
    found = defaultdict(list)
    for country in sorted(get_global("territory_languages")):
        for language in get_official_languages(country, regional=False, de_facto=True):
            found[language].append(country)
    return dict(sorted(found.items()))


def lines() -> list[bytes]:
    """The lines of the file; languages with the same names share one."""
    known = list(cities())
    zones = [city.zone for city in known]
    numbers: dict[bytes, int] = {}
    by_language = {
        code: numbers.setdefault(orjson.dumps(names(locale, zones)._asdict()), len(numbers) + 1)
        for code, locale in languages().items()
    }
    world = {"lines": by_language, "cities": [tuple(city) for city in known], "speakers": speakers()}
    return [orjson.dumps(world), *numbers]


def main() -> None:
    """Write the file, and say what is in it."""
    found = lines()
    TARGET.write_bytes(zstd.compress(b"\n".join(found), level=19))
    print(f"CLDR {get_cldr_version()}: {len(found) - 1} sets of names, {TARGET.stat().st_size} bytes")  # noqa: T201


if __name__ == "__main__":
    main()
