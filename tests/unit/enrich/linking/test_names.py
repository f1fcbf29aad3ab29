"""People and organisations: by record, by full name elsewhere in the text, or by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsfeed.documents import Entity
from services.enrich.knowledge import Record
from services.enrich.linking import Passage, link
from services.enrich.linking.known import name_of
from services.enrich.linking.naming import local_id
from services.enrich.linking.records import Records
from services.enrich.recognition.recognised import Recognised
from services.enrich.text import tokenise

Linker = Callable[..., tuple[Entity, ...]]


def ids(entities: tuple[Entity, ...]) -> dict[str, str]:
    """Type and id by name."""
    return {entity.name: f"{entity.type} {entity.id}" for entity in entities}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("L'OTAN s'est réunie.", "fr"),
        ("Die NATO tagt.", "de"),
        ("De NAVO komt bijeen.", "nl"),
        ("Страны НАТО собрались.", "ru"),
        ("Країни НАТО зібралися.", "uk"),
        ("La OTAN se reunió.", "es"),
        ("اجتمع حلف شمال الأطلسي اليوم.", "ar"),
        ("北约在开会。", "zh"),
        ("The North Atlantic Treaty Organization met.", "en"),
    ],
)
def test_an_organisation_has_one_id_in_every_language(linked: Linker, text: str, language: str) -> None:
    """Acronyms differ, the id does not; no recogniser is needed."""
    assert ids(linked(text, language)) == {"NATO": "ORG wikidata:Q7184"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Streik bei der Deutschen Bahn.", {"Deutsche Bahn": "ORG newsfeed:deutsche-bahn"}),
        ("Gestern tagte der Deutsche Bundestag.", {"Bundestag": "ORG wikidata:Q154797"}),
        (
            "Er half dem Internationalen Olympischen Komitee.",
            {"International Olympic Committee": "ORG wikidata:Q40970"},
        ),
        ("Sie kam mit einer neuen Zeitung.", {}),
    ],
)
def test_a_german_name_is_known_in_every_case(linked: Linker, text: str, wanted: dict[str, str]) -> None:
    """Its adjectives take the endings of the article before it."""
    assert ids(linked(text, "de")) == wanted


def test_a_club_is_known_by_the_last_word_of_its_name(linked: Linker) -> None:
    """The short form is no second club beside the first."""
    (entity,) = linked("Hier United a gagné. Brelle United est premier.", "fr", ORG="United|Brelle United")

    assert (entity.name, len(entity.mentions)) == ("Brelle United", 2)


def test_the_end_of_a_name_that_is_a_phrase_is_not_short_for_it(linked: Linker) -> None:
    """The team of a country, beside an institute that is named for the country."""
    found = linked("Korvania won. The Trust of Korvania paid.", ORG="Korvania|Trust of Korvania")

    assert [entity.name for entity in found] == ["Korvania", "Trust of Korvania"]


@pytest.mark.parametrize("name", ["Macron", "Trump"])
def test_a_surname_alone_is_nobody_in_particular(linked: Linker, name: str) -> None:
    """It may be the minister's brother; an id of the name promises nothing."""
    (entity,) = linked(f"Hier {name} a parlé.", "fr", PER=name)

    assert (entity.id, entity.type, entity.link_score) == (local_id("PER", name), "PER", None)


@pytest.mark.parametrize("name", ["Macron", "Trump", "Путин"])
def test_a_surname_that_nobody_saw_is_no_entity(linked: Linker, name: str) -> None:
    """Known names are looked for in full only."""
    assert linked(f"Hier {name} a parlé.", "fr") == ()


def test_a_surname_is_the_person_whose_full_name_stands_in_the_text(linked: Linker) -> None:
    """Before or after it, seen by the recogniser or not."""
    found = linked("Macron a parlé. Emmanuel Macron est parti, puis Macron est revenu.", "fr", PER="Macron")
    (entity,) = found

    assert (entity.id, len(entity.mentions)) == ("wikidata:Q3052772", 3)


def test_of_two_people_with_a_surname_the_last_named_is_meant(linked: Linker) -> None:
    """As a reader would understand it."""
    text = "Ada Korvane met Ben Korvane. Then Korvane left."
    found = linked(text, PER="Ada Korvane|Ben Korvane|Korvane left".replace(" left", ""))
    mentions = {entity.name: len(entity.mentions) for entity in found}

    assert mentions == {"Ada Korvane": 1, "Ben Korvane": 2}


def test_a_person_is_known_in_the_spelling_of_another_language(linked: Linker) -> None:
    """A German report may quote a French one."""
    (entity,) = linked("Heute sprach Vladimir Poutine.", "de", PER="Vladimir Poutine")

    assert (entity.id, entity.name) == ("wikidata:Q7747", "Vladimir Putin")


@pytest.mark.parametrize(
    ("text", "language", "words", "wanted"),
    [
        ("Paris Hilton smiled.", "en", {"PER": "Paris Hilton"}, {"Paris Hilton": "PER local"}),
        ("The Washington Post reported.", "en", {}, {"Washington Post": "ORG newsfeed"}),
        ("On Monday Jordan scored twice.", "en", {"PER": "Jordan"}, {"Jordan": "PER local"}),
        ("On Monday Chad and Turkey signed.", "en", {}, {"Chad": "LOC iso3166", "Turkey": "LOC iso3166"}),
        ("Actor Chad Smith met Jordan Pickford.", "en", {}, {}),
        ("Gestern gewann Bayern München.", "de", {"LOC": "München"}, {"Bayern München": "ORG wikidata"}),
        (
            "L'université de Lille ouvre.",
            "fr",
            {"ORG": "université de Lille"},
            {"université de Lille": "ORG local"},
        ),
        ("They live in Karnataka.", "en", {"PER": "Karnataka"}, {"Karnataka": "LOC geonames"}),
        ("They live in Queensland.", "en", {}, {"Queensland": "LOC geonames"}),
        ("Meta pages are long, target groups too.", "en", {}, {}),
        ("The Tailors of China met.", "en", {"ORG": "Tailors of China"}, {"Tailors of China": "ORG local"}),
        ("Le roi Charles III parle.", "fr", {"PER": "Charles III"}, {"Charles III": "PER wikidata"}),
        ("Hier sprach Lady Gaga.", "de", {"PER": "Lady Gaga"}, {"Lady Gaga": "PER wikidata"}),
        (
            "President Donald Trump spoke.",
            "en",
            {"PER": "President Donald Trump"},
            {"Donald Trump": "PER wikidata"},
        ),
    ],
)
def test_a_name_inside_another_is_not_linked_by_itself(
    linked: Linker, text: str, language: str, words: dict[str, str], wanted: dict[str, str]
) -> None:
    """The longer name wins, and a person is not a country."""
    found = linked(text, language, **words)
    surfaces = {
        text[mention.start : mention.end]: f"{entity.type} {entity.id.partition(':')[0]}"
        for entity in found
        for mention in entity.mentions
    }

    assert {name.removeprefix("The "): kind for name, kind in surfaces.items()} == wanted


@pytest.mark.parametrize(
    ("entity_id", "name"),
    [
        ("wikidata:Q7184", "NATO"),
        ("iso3166:UA", "Ukraine"),
        ("geonames:703448", "Kyiv"),
        ("m49:150", "Europe"),
        ("place:black-sea", "Black Sea"),
        ("geonames:0", None),
        ("geonames:" + "9" * 5_000, None),
        ("local:61cc0705afc25b1c", None),
        ("nonsense", None),
    ],
)
def test_every_kind_of_id_has_its_english_name(entity_id: str, name: str | None) -> None:
    """An editor relinks by id and wants to see what that is."""
    assert name_of(entity_id) == name


def record(number: int, country: str, start: date | None, end: date | None) -> Record:
    return Record(
        id=f"newsfeed:{number}",
        type="ORG",
        name="Korvane Union",
        names={},
        acronyms={},
        bare={},
        weak=frozenset(),
        country=country,
        verified=False,
        ambiguous=True,
        valid_from=start,
        valid_to=end,
        words=("korvane",),
    )


@pytest.mark.parametrize(
    ("day", "countries", "wanted"),
    [
        (date(1990, 1, 1), (), "newsfeed:1"),
        (date(2020, 1, 1), (), None),
        (date(2020, 1, 1), ("FR",), "newsfeed:2"),
        (date(2020, 1, 1), ("FR", "DE"), None),
        (None, ("DE",), "newsfeed:3"),
    ],
)
def test_a_record_counts_only_while_it_holds(
    monkeypatch: pytest.MonkeyPatch, day: date | None, countries: tuple[str, ...], wanted: str | None
) -> None:
    """A party may take the name of one that is gone; where two remain, the country decides or nobody."""
    rows = (
        record(1, "GB", None, date(2000, 1, 1)),
        record(2, "FR", date(2010, 1, 1), None),
        record(3, "DE", date(2010, 1, 1), None),
    )
    monkeypatch.setattr("services.enrich.linking.records.load", lambda: rows)
    monkeypatch.setattr("services.enrich.linking.records.beginning", lambda _: {"korvane": rows})
    found = Records().choose("Korvane  Union", "ORG", day, countries)

    assert (found and found.id) == wanted


def test_salience_is_headline_lead_frequency_and_spread() -> None:
    """What the article is about stands first."""
    text = "Kenya builds\n\nUganda helps.\n\nThen Tanzania waits. At last Uganda, Uganda and Uganda again."
    tokens = tokenise(text)
    found = link(Passage(text, tokens, "en", title_end=12, lead_end=27), [])
    salience = {entity.name: entity.salience for entity in found}

    assert list(salience) == ["Uganda", "Kenya", "Tanzania"]
    assert salience["Uganda"] == 1.0
    assert all(0 < value <= 1 for value in salience.values())


PIECES = (
    "Paris Texas , Georgia Jordan Macron Emmanuel OTAN ( ) von der Leyen München de la 中国 北京 Москве "
    "Киеве القاهرة وبيروت Washington D.C. Ga. \n . the President 😀 Ａ ウクライナ 서울 U.S. Lebanon"
).split(" ")


@given(
    words=st.lists(st.sampled_from(PIECES), max_size=30),
    cuts=st.lists(st.tuples(st.integers(0, 30), st.integers(1, 4), st.sampled_from(("PER", "LOC", "ORG")))),
    language=st.sampled_from(("en", "fr", "ru", "ar", "zh", "und", "xx")),
)
@settings(max_examples=150)
def test_whatever_is_seen_mentions_are_valid_and_apart(
    words: list[str], cuts: list[tuple[int, int, str]], language: str
) -> None:
    """No span is lost to a crash, none overlaps another, and the same input gives the same entities."""
    text = " ".join(words)
    tokens = tokenise(text)
    spans: list[Recognised] = []
    for first, length, kind in sorted(cuts):
        last = min(first + length, len(tokens))
        if first < last and (not spans or first >= spans[-1].last):
            end = tokens[last - 1].end
            spans.append(Recognised(first, last, tokens[first].start, end, kind, 0.9))  # type: ignore[arg-type]
    found = link(Passage(text, tokens, language), spans)
    mentions = sorted((mention.start, mention.end) for entity in found for mention in entity.mentions)

    assert all(0 <= start < end <= len(text) for start, end in mentions)
    assert all(end <= start for (_, end), (start, _) in pairwise(mentions))
    assert link(Passage(text, tokens, language), spans) == found
