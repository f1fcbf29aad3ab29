"""Cities, regions and counties: the right one of several with the same name."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from newsfeed.documents import Entity
from services.enrich.linking.places import Kind, Places, distance_km, name_key


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


@pytest.mark.parametrize(
    ("text", "language", "seen", "wanted"),
    [
        ("A fire burns near Chefchaouen in northern Morocco.", "en", {}, ["Morocco", "Chefchaouen"]),
        ("Le feu progresse vers Chefchaouen, au Maroc.", "fr", {}, ["Morocco", "Chefchaouen"]),
        ("A fire burns near Chefchaouen.", "en", {}, []),
        ("Korvane waits near Leeds.", "en", {}, []),
        ("Вчера Анкара ответила.", "ru", {"PER": "Анкара"}, ["Ankara"]),
        ("Вчера в Анкаре ответили.", "ru", {"PER": "Анкаре"}, ["Ankara"]),
    ],
)
def test_a_place_is_believed_for_its_size_and_its_country(
    linked: Callable[..., tuple[Entity, ...]],
    text: str,
    language: str,
    seen: dict[str, str],
    wanted: list[str],
) -> None:
    """What the recogniser did not see, or took for a person."""
    assert sorted(entity.name for entity in linked(text, language, **seen)) == sorted(wanted)


@pytest.mark.parametrize(
    ("text", "seen", "wanted"),
    [
        ("Le préfet des Pays de la Loire a signé.", "Loire", "Pays de la Loire"),
        ("On vote à Noirmoutier-en-l'Île dimanche.", "Île", "Noirmoutier-en-l'Île"),
        ("La Marne et la Loire montent.", "Loire", "Loire"),
    ],
)
def test_the_longest_name_of_a_place_that_stands_there_is_meant(
    linked: Callable[..., tuple[Entity, ...]], text: str, seen: str, wanted: str
) -> None:
    (entity,) = linked(text, "fr", LOC=seen)

    assert [text[one.start : one.end] for one in entity.mentions] == [wanted]


@pytest.mark.parametrize("sea", ["golfe de Guinée", "mer du Japon", "océan Indien"])
def test_a_sea_is_not_the_country_in_its_name(linked: Callable[..., tuple[Entity, ...]], sea: str) -> None:
    (entity,) = linked(f"Un navire a coulé dans le {sea}.", "fr", LOC=sea)

    assert (entity.name, entity.country) == (sea, None)


@pytest.mark.parametrize("name", ["Korva Istanbul", "Istanbul Korva"])
def test_somebody_called_as_a_great_city_stays_a_person(
    linked: Callable[..., tuple[Entity, ...]], name: str
) -> None:
    """The full name stands in the article."""
    found = linked(f"Istanbul est parti. Hier, {name} a parlé.", "fr", PER=f"Istanbul|{name}")

    assert {entity.type for entity in found} == {"PER"}


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
