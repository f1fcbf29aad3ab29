"""Which articles are of one story, on a gold set of our own and on articles made for one question each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newsfeed.testing.facts import NOON
from quality.stories import b_cubed_f, clustered, given_profile, halves, pairwise_f
from services.enrich import stories
from services.enrich.likeness import signature
from services.enrich.profiles import Findings, Named, Place, Profile, article_time_ms, profile_of
from services.enrich.stories import decide
from services.enrich.story_memory import MemoryIndex
from services.enrich.story_records import WINDOW_MS, Record, Seen
from services.enrich.text import tokenise

PAIRWISE, B_CUBED = 0.92, 0.94
"""A little below what was measured on the half that nothing was tuned on: .958 and .973."""

GENEVA = Named("place:geneva", "LOC", 1.0)
ADA = Named("wikidata:Q7259", "PER", 0.7)
SWISS = Named("iso3166:CH", "LOC", 0.7)


def article(
    article_id: str, text: str, *named: Named, language: str = "en", topics: str = "11", at_ms: int = 0
) -> Profile:
    found = Findings(language, named, frozenset({f"medtop:{topics}000000"}))
    return profile_of(Place(article_id, 1, at_ms), tokenise(text), len(text), found)


FERRY = article("ferry", "A ferry caught fire on the lake; twelve passengers were hurt.", GENEVA)
FRENCH = "Un bateau a pris feu sur le lac ; douze passagers sont blessés."


async def seen_by(profile: Profile, *others: Profile) -> Seen:
    index = MemoryIndex(filled=True)
    for other in others:
        seen = await index.look(other.article_id, other.names, other.at_ms)
        await index.place(Record(other.article_id, 1, other.at_ms, other.article_id, other), seen)
    return await index.look(profile.article_id, profile.names, profile.at_ms)


async def joins(one: Profile, other: Profile) -> bool:
    return decide(one, await seen_by(one, other)).story_id == other.article_id


@pytest.mark.parametrize("half", ["tune", "floor"])
async def test_stories_of_the_gold_set_are_found(half: str) -> None:
    """Thresholds were tuned on one half only; entities are given by hand."""
    articles = halves()[half]
    gold = [one["story"] for one in articles]
    found = await clustered([given_profile(number, one) for number, one in enumerate(articles)])

    assert pairwise_f(gold, found) >= PAIRWISE
    assert b_cubed_f(gold, found) >= B_CUBED


async def test_a_broken_measure_of_words_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """That the floor is high enough to find a bug."""
    monkeypatch.setattr(stories, "TERM_SHARE", 0.0)
    articles = halves()["floor"]
    found = await clustered([given_profile(number, one) for number, one in enumerate(articles)])

    assert pairwise_f([one["story"] for one in articles], found) < PAIRWISE


async def test_a_story_is_named_for_its_first_article() -> None:
    """The same log gives the same ids."""
    alone = decide(FERRY, await seen_by(FERRY))

    assert alone == decide(FERRY, await seen_by(FERRY))
    assert alone.story_id != decide(replace(FERRY, article_id="other"), await seen_by(FERRY)).story_id


async def test_across_languages_two_linked_entities_and_a_topic_are_asked_for() -> None:
    """One city, or two countries, have many stories a day."""
    theirs = article("fr", FRENCH, GENEVA, ADA, language="fr")

    assert await joins(article("en", FERRY.article_id, GENEVA, ADA), theirs)
    assert not await joins(article("en", "Ferry", GENEVA), theirs)
    assert not await joins(article("en", "Ferry", GENEVA, ADA, topics="15"), theirs)
    countries = (SWISS, replace(SWISS, id="iso3166:FR"))
    assert not await joins(
        article("en", "Ferry", *countries), article("fr", FRENCH, *countries, language="fr")
    )


async def test_a_city_and_its_country_are_two_entities_while_few_articles_name_the_city() -> None:
    """A report says where, another in which country, too; of a capital there are many stories a day."""
    geneva = replace(GENEVA, country="CH")
    theirs, mine = article("fr", FRENCH, geneva, SWISS, language="fr"), article("en", "Ferry", geneva)
    seen = await seen_by(mine, theirs)
    busy = replace(seen, total=5_000, counts={**seen.counts, f"e:{GENEVA.id}": 200})

    assert decide(mine, seen).story_id == "fr"
    assert decide(mine, busy).story_id != "fr"


async def test_local_ids_mean_nothing_in_another_language() -> None:
    """They are hashes of names as they are written."""
    locals_ = (Named("local:1", "PER", 1.0), Named("local:2", "ORG", 1.0))

    assert not await joins(article("en", "Ferry", *locals_), article("fr", FRENCH, *locals_, language="fr"))


async def test_words_tell_where_no_entity_was_found() -> None:
    """Short reports often name nobody that is known."""
    later = "The ferry that caught fire on the lake is towed; most of the hurt passengers are at home."

    assert await joins(article("later", later), FERRY)


async def test_an_article_of_four_days_ago_is_another_story() -> None:
    """However alike: a weekly column is no story."""
    later = replace(FERRY, article_id="later", at_ms=WINDOW_MS + 1)

    assert not await joins(later, FERRY)
    assert await joins(replace(later, at_ms=WINDOW_MS), FERRY)


async def test_likeness_is_told_even_where_the_story_is_given() -> None:
    """A revised article keeps its story, and readers still learn of its copies."""
    copy = replace(FERRY, article_id="copy")
    decision = decide(copy, await seen_by(copy, FERRY), kept_story="mine")

    assert (decision.story_id, [one.article_id for one in decision.alike]) == ("mine", ["ferry"])


def test_an_article_is_never_younger_than_its_record() -> None:
    """A date in the future would hold the index for years."""
    recorded = article_time_ms(None, NOON)

    assert article_time_ms(NOON.replace(year=2099), NOON) == recorded
    assert article_time_ms(NOON.replace(year=2020), NOON) < recorded
    assert article_time_ms(NOON.replace(year=1913), NOON) == 0


def test_a_text_without_words_has_a_profile() -> None:
    """Whatever a file holds."""
    empty = article("a", "… 😀")

    assert (empty.names, dict(empty.terms), len(empty.signature)) == ((), {}, len(signature([])))
