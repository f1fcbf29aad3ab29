"""More names for the rows of :mod:`tools.place_sources`: CLDR in all its languages, and our own list."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from babel import Locale
from babel.core import get_global
from babel.localedata import locale_identifiers

from services.enrich.gazetteer import listed_places, place_id
from services.enrich.linking.places import Kind, name_key
from services.enrich.matching import Known
from tools.place_sources import CURATED, OTHER, PRIMARY, REGION_MALUS, Row

CONTINENTS = {
    "002": 6255146,
    "142": 6255147,
    "150": 6255148,
    "019": 0,
    "009": 6255151,
    "005": 6255150,
    "003": 6255149,
    "021": 0,
    "013": 0,
}
"""UN M.49 codes and GeoNames ids; those two that GeoNames does not have are 0."""

MAJOR = frozenset(
    "en fr de es it pt pt_PT nl ru uk pl tr ar zh zh_Hant ja ko sv da nb nn fi cs sk hu ro bg el hr sr "
    "sr_Latn sl he fa hi bn ur id ms vi th ca lt lv et mk ka hy kk".split()
)
"""Locales whose names of countries count in full; in the others they may be a city elsewhere."""

REGION_NAMES = Path(__file__).with_name("region_names.txt")

SHARED_BY_BOTH = ("Congo", "Kongo", "Конго", "الكونغو", "刚果", "コンゴ")
"""What CLDR calls Congo - Brazzaville alone, and the news more often Congo - Kinshasa."""

LARGE_TOWN = 50_000
RESERVED = {"AC": (2411430, 800), "IC": (2593110, 2_200_000), "TA": (3370684, 240)}
"""Territories that CLDR names and ISO 3166 only reserves a code for, with their GeoNames ids and people."""

WEIGHT_OF_AREA, WEIGHT_OF_CONTINENT = 10**6, 10**9

Index = Mapping[tuple[str, str], Sequence[Row]]


@cache
def locales() -> tuple[Locale, ...]:
    """One locale for each language and script that CLDR has."""
    parsed = (Locale.parse(name) for name in sorted(locale_identifiers()))
    return tuple(
        locale for locale in parsed if not locale.territory or str(locale) in {"pt_PT", "zh_Hant_HK"}
    )


def with_territories(countries: Sequence[Row]) -> list[Row]:
    """The countries with their names in every language, and the continents."""
    by_code = {row.country: row for row in (*countries, *_reserved())}
    by_code |= dict(_continents())
    for locale in locales():
        quality = PRIMARY if str(locale) in MAJOR else OTHER
        for code in by_code.keys() & locale.territories.keys():
            name = locale.territories[code]
            by_code[code].add(name, quality)
            by_code[code].add(name.partition(" (")[0], max(quality, CURATED))
    for name in SHARED_BY_BOTH:
        by_code["CD"].add(name, CURATED)
    for code, row in by_code.items():
        row.name = str(Locale("en").territories.get(code, row.name)).partition(" (")[0]
    return list(by_code.values())


def _reserved() -> Iterator[Row]:
    for code, (number, people) in RESERVED.items():
        yield Row(Kind.COUNTRY, number, code, code, people, id=f"iso3166:{code}")


def _continents() -> Iterator[tuple[str, Row]]:
    for code, number in CONTINENTS.items():
        yield code, Row(Kind.AREA, number, code, "", WEIGHT_OF_CONTINENT, id=f"m49:{code}")


def index(rows: Iterable[Row]) -> Index:
    """Rows by country and key of each name, the likeliest first."""
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        for name in row.names:
            found[row.country, name_key(name)].append(row)
    for same in found.values():
        same.sort(key=lambda row: (-row.prior, row.geonames_id))
    return found


def add_zone_cities(rows: Index) -> None:
    """The cities that time zones are named for, in every language."""
    for country, zones in sorted(get_global("territory_zones").items()):
        for zone in zones:
            english = Locale("en").time_zones.get(zone, {}).get("city") or zone.rsplit("/", 1)[-1].replace(
                "_", " "
            )
            for row in _cities(rows.get((country, name_key(english)), ()))[:1]:
                for locale in locales():
                    if name := locale.time_zones.get(zone, {}).get("city"):
                        row.add(name, CURATED)


def _cities(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.kind is Kind.CITY]


def add_own_list(rows: Index, countries: Iterable[Row]) -> Iterator[Row]:
    """Give the names of ``places.txt`` to the place they mean; what GeoNames does not have is a new area."""
    by_id = {row.id: row for row in countries}
    for known, _, listed in listed_places():
        names = [name.lstrip("~").partition("@")[0] for name in listed]
        row = by_id.get(known.id) or _meant(rows, _country(known), names)
        if row is None:
            row = Row(Kind.AREA, 0, known.name, _country(known), WEIGHT_OF_AREA, id=known.id)
            yield row
        for name in names:
            row.add(name, CURATED)
        row.add(known.name, PRIMARY)
        row.name = row.name if row.kind is Kind.COUNTRY else known.name


def add_region_names(rows: Index) -> list[str]:
    """Give the names of ``region_names.txt`` to the regions; returns the lines that name no known one."""
    missing = []
    for line in REGION_NAMES.read_text(encoding="utf-8").splitlines():
        country, _, rest = line.partition("; ")
        names = rest.split("|")
        regions = [
            row
            for name in names
            for row in rows.get((country, name_key(name)), ())
            if row.kind is Kind.REGION
        ]
        for name in names if regions else ():
            regions[0].add(name, CURATED)
        if not regions and not line.startswith("#"):
            missing.append(line)
    return missing


def _country(known: Known) -> str:
    """The country in the made id of a place, if it has one."""
    without = place_id("-", known.name)
    return "" if known.id == without else known.id.rpartition("-")[2].upper()


def _meant(rows: Index, country: str, names: Sequence[str]) -> Row | None:
    """The place of the country with most of the names: a city before a region with the same ones."""
    found = Counter(row for name in names for row in {*rows.get((country, name_key(name)), ())})
    return min(found, key=lambda row: (-found[row], _doubt(row), row.geonames_id), default=None)


def _doubt(row: Row) -> float:
    """How unlikely the row is meant where names do not tell."""
    town = row.kind is Kind.CITY and row.population >= LARGE_TOWN
    return -row.prior - (REGION_MALUS * 2 if town else 0)
