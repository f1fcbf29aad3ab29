"""The table of places gives back what was put into it."""

from __future__ import annotations

from services.enrich.linking.places import HASHES_OF_GROUP, Kind, Places
from tools.build_places import hash_columns, pack
from tools.place_sources import Row


def test_a_place_is_found_by_each_of_its_names() -> None:
    """With its own name as it is written, also of several bytes a letter, and what else is known of it."""
    land = Row(Kind.COUNTRY, 690791, "Україна", "UA", 40_000_000, id="iso3166:UA", names={"Ukraine": 0})
    town = Row(Kind.CITY, 703448, "Київ", "UA", 2_900_000, 50.45, 30.52, names={"Київ": 0, "Kiew": 2})
    places = Places(pack([land, town]))

    (found,) = places.find("kiew")

    assert places.find("київ") == ((found.place, 0),)
    assert found.quality == 2
    assert found.place[:7] == (1, "geonames:703448", "Київ", Kind.CITY, "UA", 50.45, 30.52)
    assert places.by_id("iso3166:UA") == places.find("ukraine")[0].place
    assert places.find("kyiv") == ()


def test_hashes_of_one_group_stand_together() -> None:
    """Also the first and the last of all, and where a group has none."""
    first, last = 1, 256 * HASHES_OF_GROUP - 1
    columns = hash_columns([first, HASHES_OF_GROUP, last])

    assert list(columns["groups"]) == [0, 1, *[2] * 254, 3]
    assert list(columns["hashes"]) == [1, 0, HASHES_OF_GROUP - 1]
