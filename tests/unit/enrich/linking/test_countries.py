"""Countries are found by every name that CLDR has for them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from newsfeed.documents import Entity
from quality.linking import LANGUAGES, territory_names


@pytest.mark.no_cover
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_of_a_territory_leads_to_its_code(
    linked: Callable[..., tuple[Entity, ...]], language: str
) -> None:
    """A channel on a country must not depend on the language of the report."""
    found = {
        (name, f"iso3166:{code}", *(entity.id for entity in linked(name, language, LOC=name)))
        for its, name, code in territory_names()
        if its == language
    }

    assert {(name, code) for name, code, *ids in found if ids != [code]} == set()


@pytest.mark.parametrize(
    ("text", "language", "country"),
    [
        ("La guerre en Ukraine continue.", "fr", "UA"),
        ("Der Krieg in der Ukraine dauert an.", "de", "UA"),
        ("Война на Украине продолжается.", "ru", "UA"),
        ("乌克兰的战争仍在继续。", "zh", "UA"),
        ("تستمر الحرب في أوكرانيا.", "ar", "UA"),
        ("Rozmawiano o Niemczech i gospodarce.", "pl", "DE"),
        ("Minister je v Německu.", "cs", "DE"),
    ],
)
def test_a_country_needs_no_recogniser(
    linked: Callable[..., tuple[Entity, ...]], text: str, language: str, country: str
) -> None:
    """Its names are known, so a weak recogniser loses none; it stands at its capital."""
    (entity,) = linked(text, language)

    assert (entity.id, entity.country, entity.method) == (f"iso3166:{country}", country, "country")
    assert entity.latitude is not None
    assert entity.longitude is not None


@pytest.mark.parametrize(
    ("text", "words", "ids"),
    [
        ("Voters in Atlanta and the rest of Georgia queued.", "Atlanta|Georgia", {"geonames:4197000"}),
        ("Ministers met in Tbilisi, the capital of Georgia.", "Tbilisi|Georgia", {"iso3166:GE"}),
        ("A bus from Lebanon, Pennsylvania, overturned.", "Lebanon|Pennsylvania", {"geonames:5197517"}),
        ("Rebels took Goma in the east of Congo.", "Goma|Congo", {"iso3166:CD"}),
        ("Shots were heard in Brazzaville, in Congo.", "Brazzaville|Congo", {"iso3166:CG"}),
    ],
)
def test_what_else_is_mentioned_tells_a_country_from_its_namesake(
    linked: Callable[..., tuple[Entity, ...]], text: str, words: str, ids: set[str]
) -> None:
    """Georgia is a country and a state."""
    assert ids <= {entity.id for entity in linked(text, LOC=words)}
