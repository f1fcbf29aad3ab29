"""Where the places of the world are: a compiled table of names, read once and asked by key.

``data/places.bin`` is made by ``python -m tools.build_places``. A name is stored as 40 bits of a hash of
its token keys: in a look-up of a word that is no place, one in three million finds something.
"""

from __future__ import annotations

import hashlib
import math
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from enum import IntEnum
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from typing import NamedTuple

import orjson

from newsfeed.zstd import ZstdFile
from services.enrich.text import tokenise

HEAD_BYTES = 4
"""Of the length of the head: JSON with the columns as name, type code of :mod:`array` and bytes, and more."""

HASH_BYTES = 5
HASH_GROUPS, HASHES_OF_GROUP = 2**8, 2**32
"""Hashes are sorted, in groups by what their first byte is; of each its other four are kept."""

QUALITIES = 4
"""References are ``row * QUALITIES + quality``."""

PRIOR_STEPS = 20
"""Steps of a prior in one decade of population."""

DEGREE_STEPS = 10_000
CACHED_NAMES = 16_384
LONGEST_NUMBER = 9
"""Digits of a GeoNames id."""


class Kind(IntEnum):
    """What a place is; an area is a sea, a part of the world or anything else without borders."""

    COUNTRY = 0
    REGION = 1
    COUNTY = 2
    CITY = 3
    AREA = 4


class Place(NamedTuple):
    """One place. ``prior`` is its weight in decades of people, ``region`` the row of its region or -1."""

    row: int
    id: str
    name: str
    kind: Kind
    country: str | None
    latitude: float | None
    longitude: float | None
    prior: float
    region: int


class Sense(NamedTuple):
    """A place that a name can mean; ``quality`` is 0 for its own name, 1 for a good one, 2 for any other."""

    place: Place
    quality: int


class Places:
    """The table in memory; ``packed`` is what :mod:`tools.build_places` made."""

    def __init__(self, packed: bytes) -> None:
        with ZstdFile(BytesIO(packed)) as raw:
            head = orjson.loads(raw.read(int.from_bytes(raw.read(HEAD_BYTES), "little")))
            self._columns = {name: array(code, raw.read(size)) for name, code, size in head["columns"]}
            self._names = raw.read()
        self._countries: Sequence[str] = head["countries"]
        self._ids: dict[str, str] = head["ids"]
        self._cached = lru_cache(maxsize=CACHED_NAMES)(self._senses)
        self._rows = {known: int(row) for row, known in self._ids.items()}

    @staticmethod
    @cache
    def load() -> Places:
        """The table that ships with the package, read on first use."""
        return Places(files("services.enrich.linking").joinpath("data", "places.bin").read_bytes())

    def by_id(self, wanted: str) -> Place | None:
        """The place of an id (``iso3166:UA``, ``m49:150``, ``place:red-sea``, ``geonames:703448``)."""
        row = self._rows.get(wanted, -1)
        scheme, _, number = wanted.partition(":")
        if row < 0 and scheme == "geonames" and number.isdecimal() and len(number) <= LONGEST_NUMBER:
            row = self._row_of(int(number))
        return None if row < 0 else self.place(row)

    def _row_of(self, number: int) -> int:
        """The row of a GeoNames number, -1 if there is none: found in the bytes, which is 50 times faster."""
        numbers = self._columns["numbers"]
        wanted, packed = array(numbers.typecode, [number]).tobytes(), numbers.tobytes()
        at = packed.find(wanted) if number else -1
        while at % numbers.itemsize and at >= 0:
            at = packed.find(wanted, at + 1)
        return at // numbers.itemsize

    def __len__(self) -> int:
        return len(self._columns["kinds"])

    def find(self, key: str) -> tuple[Sense, ...]:
        """What a name can mean, by its token keys joined with one blank (:func:`name_key`)."""
        return self._cached(key)

    def _senses(self, key: str) -> tuple[Sense, ...]:
        group, wanted = divmod(hash_of(key), HASHES_OF_GROUP)
        groups, hashes, refs = self._columns["groups"], self._columns["hashes"], self._columns["refs"]
        end = groups[group + 1]
        index = bisect_left(hashes, wanted, groups[group], end)
        found = []
        while index < end and hashes[index] == wanted:
            row, quality = divmod(refs[index], QUALITIES)
            found.append(Sense(self.place(row), quality))
            index += 1
        return tuple(found)

    def place(self, row: int) -> Place:
        """The place of a row from 0."""
        columns = self._columns
        latitude, longitude = columns["latitudes"][row], columns["longitudes"][row]
        begin, end = columns["name_starts"][row : row + 2]
        located = (latitude, longitude) != (0, 0)
        return Place(
            row,
            self._ids.get(str(row)) or f"geonames:{columns['numbers'][row]}",
            self._names[begin:end].decode(),
            Kind(columns["kinds"][row]),
            self._countries[columns["countries"][row]] or None,
            latitude / DEGREE_STEPS if located else None,
            longitude / DEGREE_STEPS if located else None,
            columns["priors"][row] / PRIOR_STEPS,
            columns["regions"][row],
        )

    def number(self, row: int) -> int:
        """The GeoNames id of a row, 0 if there is none."""
        return int(self._columns["numbers"][row])


def name_key(name: str) -> str:
    """The token keys of a name joined with one blank."""
    return " ".join(token.key for token in tokenise(name))


def hash_of(key: str) -> int:
    """40 bits of a hash of the key."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=HASH_BYTES).digest(), "little")


def distance_km(one: Place, other: Place) -> float:
    """Along the great circle; infinite if one of the two has no coordinates."""
    if one.latitude is None or other.latitude is None or one.longitude is None or other.longitude is None:
        return math.inf
    a, b = math.radians(one.latitude), math.radians(other.latitude)
    turn = math.radians(one.longitude - other.longitude)
    cosine = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(turn)
    return 6371.0 * math.acos(max(-1.0, min(1.0, cosine)))
