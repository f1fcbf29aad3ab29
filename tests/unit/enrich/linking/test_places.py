"""Cities, regions and counties: the right one of several with the same name.

The gold file has one text a line, ``language TAB text``, its places as ``[name|id]``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from newsfeed.documents import Entity, EntityType
from services.enrich.linking.places import Kind, Places, distance_km, name_key

AtLinker = Callable[[str, str, list[tuple[int, int, EntityType]]], tuple[Entity, ...]]
GOLD = Path(__file__).parents[1] / "gold" / "places.txt"
MARKED = re.compile(r"\[([^|\]]+)\|([^\]]+)\]")
EXACT_IN_ENGLISH, EXACT_ELSEWHERE = 0.95, 0.97

PROBES = {
    "524901": "Moscou@fr Moskau@de Moscú@es Москва@ru Москве@ru Moskwa@pl موسكو@ar 莫斯科@zh モスクワ@ja",
    "1816670": "Pékin@fr Peking@de 北京@zh Пекин@ru",
    "360630": "Le_Caire@fr القاهرة@ar Kairo@de",
    "703448": "Київ@uk Києві@uk Kiev@fr Kijów@pl Kiew@de キーウ@ja",
    "756135": "Varsovie@fr Warszawie@pl Варшаве@ru Warschau@de",
    "713174": "Bakhmout@fr Бахмут@uk Бахмутом@ru",
    "701822": "Marioupol@fr Маріуполь@uk Мариуполе@ru",
    "2747373": "La_Haye@fr Den_Haag@nl The_Hague@en La_Haya@es",
    "1809858": "Canton@fr Guangzhou@en 广州@zh",
    "4140963": "Washington@fr Washington@en Вашингтон@ru واشنطن@ar",
    "2643743": "Londres@fr Λονδίνο@el לונדון@he 런던@ko लंदन@hi",
    "745044": "İstanbul@tr Estambul@es Стамбул@ru",
}


def texts() -> Iterator[tuple[str, str]]:
    """Language and marked text of each line."""
    for line in GOLD.read_text(encoding="utf-8").splitlines():
        language, _, text = line.partition("\t")
        yield language, text


def marked(text: str) -> tuple[str, dict[tuple[int, int], str]]:
    """The plain text, and the id of each place of it by its characters ``[start, end)``."""
    plain, gold, length = "", {}, 0
    for number, piece in enumerate(MARKED.split(text)):
        if number % 3 == 2:
            gold[len(plain) - length, len(plain)] = piece
        else:
            plain, length = plain + piece, len(piece)
    return plain, gold


@pytest.mark.parametrize(("english", "floor"), [(True, EXACT_IN_ENGLISH), (False, EXACT_ELSEWHERE)])
def test_places_in_news_get_their_exact_id(linked_at: AtLinker, english: bool, floor: float) -> None:
    """Of namesakes the one that the rest of the text speaks for."""
    right = []
    for language, text in ((language, text) for language, text in texts() if (language == "en") is english):
        plain, gold = marked(text)
        found = linked_at(plain, language, [(start, end, "LOC") for start, end in gold])
        ids = {mention.end: entity.id for entity in found for mention in entity.mentions}
        right += [ids.get(end, "local").startswith(wanted) for (_, end), wanted in gold.items()]

    assert sum(right) / len(right) >= floor


@pytest.mark.parametrize(
    ("name", "language", "number"),
    [
        (*probe.replace("_", " ").split("@"), number)
        for number, probes in PROBES.items()
        for probe in probes.split()
    ],
)
def test_a_city_is_found_by_its_name_in_any_language(
    linked: Callable[..., tuple[Entity, ...]], name: str, language: str, number: str
) -> None:
    """Exonyms, other scripts and case forms lead to one id."""
    (entity,) = linked(name, language, LOC=name)

    assert (entity.id, entity.method) == (f"geonames:{number}", "city")


@pytest.mark.parametrize(
    ("text", "words", "ids"),
    [
        (
            "He moved from Paris, Texas, to Dallas.",
            "Paris, Texas|Dallas",
            ["geonames:4717560", "geonames:4736286"],
        ),
        ("COLUMBUS, Ga. - A judge freed two men.", "COLUMBUS", ["geonames:4188985"]),
        ("The office in Washington, D.C. is closed.", "Washington, D.C.", ["geonames:4140963"]),
        ("Ore leaves Western Australia by ship.", "Western Australia", ["geonames:2058645"]),
        ("Fighting in eastern Ukraine goes on.", "eastern Ukraine", ["iso3166:UA"]),
        ("Eastern Ukraine is cold.", "Eastern Ukraine", ["iso3166:UA"]),
        ("A boat sank off Tripoli, officials of Lebanon said.", "Tripoli|Lebanon", ["geonames:266826"]),
        ("The city of Leeds pays.", "city of Leeds", ["geonames:2644688"]),
    ],
)
def test_the_words_around_a_name_are_understood(
    linked: Callable[..., tuple[Entity, ...]], text: str, words: str, ids: list[str]
) -> None:
    """A state after a comma, a point of the compass, a common noun."""
    assert [entity.id for entity in linked(text, LOC=words)][: len(ids)] == ids


@pytest.mark.parametrize("text", ["He went to Nice and Mobile.", "Reading is a town, and Lens another."])
def test_no_city_without_a_recogniser(linked: Callable[..., tuple[Entity, ...]], text: str) -> None:
    """Half of all short words are a town somewhere."""
    assert linked(text) == ()


def test_a_village_that_nothing_speaks_for_is_not_guessed(
    linked: Callable[..., tuple[Entity, ...]],
) -> None:
    """Of a dozen hamlets none is likelier, so the place keeps an id of its own."""
    (entity,) = linked("They met in Pine Grove.", LOC="Pine Grove")

    assert entity.id.startswith("local:")
    assert (entity.method, entity.link_score, entity.latitude) == ("name", None, None)


def test_the_table_has_every_place_of_our_lists() -> None:
    """A name that was added to a list reaches articles only when the table is built again."""
    table = Places.load()
    data = Path(__file__).parents[4]
    lists = [data / "services/enrich/data/places.txt", data / "tools/region_names.txt"]
    lines = [line for file in lists for line in file.read_text(encoding="utf-8").splitlines()]
    names = [
        name.strip().lstrip("~").partition("@")[0]
        for line in lines
        if ";" in line and not line.startswith("#")
        for name in line.partition(";")[2].split("|")
    ]

    assert [name for name in names if not table.find(name_key(name))] == []


def test_the_table_knows_where_things_are() -> None:
    """Coordinates are in degrees, a city lies in its region, and kinds are told apart."""
    table = Places.load()
    kyiv = next(sense.place for sense in table.find("київ") if sense.place.id == "geonames:703448")
    texas = next(sense.place for sense in table.find("texas") if sense.place.kind is Kind.REGION)
    houston = next(sense.place for sense in table.find("houston") if sense.place.id == "geonames:4699066")
    sea = next(sense.place for sense in table.find("black sea"))

    assert (kyiv.kind, kyiv.country, round(kyiv.latitude or 0), round(kyiv.longitude or 0)) == (
        3,
        "UA",
        50,
        31,
    )
    assert houston.region == texas.row
    assert 8_500 < distance_km(kyiv, houston) < 10_500
    assert (sea.kind, math.isinf(distance_km(sea, kyiv))) == (Kind.AREA, True)


def test_a_word_that_is_no_place_finds_nothing() -> None:
    """Forty bits of hash are enough."""
    table = Places.load()

    assert [key for key in (f"qx{number}zz" for number in range(20_000)) if table.find(key)] == []
