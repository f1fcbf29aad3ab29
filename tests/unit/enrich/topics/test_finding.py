"""What an article is about: top topics, the primary one, topics below, and what the source declares."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from newsfeed.documents import Topic
from services.enrich.text import tokenise
from services.enrich.topics import find_topics
from services.enrich.topics.finding import blend, known_topic

CONFLICT, POLITICS, SPORT = "medtop:16000000", "medtop:11000000", "medtop:15000000"

WAR = """Kiev prépare le volet militaire des garanties de sécurité

Le chef du cabinet présidentiel a annoncé que l'armée travaille au plan militaire des garanties, tandis que la
guerre continue. Aux environs de midi, environ six généraux de l'Alliance atlantique ont rejoint la réunion.
Des ministres et des diplomates discutent d'un cessez-le-feu et de la formation d'une force de paix. La
formation du groupe prendra du temps, et la formation d'unités nouvelles aussi. Les troupes resteraient loin
du front. Le président dit vouloir une paix durable ; les dirigeants politiques décideront après le sommet."""


def topics(text: str, language: str, declared: Sequence[str] = ()) -> tuple[Topic, ...]:
    return find_topics(tokenise(text), language, text.find("\n") % (len(text) + 1), declared)


def test_a_war_is_the_primary_topic_and_politics_stands_beside_it() -> None:
    """Words that only look like those of a label (``environ``, ``formation``) bring no topic."""
    found = {topic.id: topic for topic in topics(WAR, "fr")}

    assert [one.id for one in found.values() if one.primary] == [CONFLICT]
    assert POLITICS in found
    assert not {id_ for id_ in found if id_[7:9] in {"05", "06"}}
    assert not {"medtop:20000423", "medtop:20000403"} & found.keys()


def test_mentions_are_the_words_that_spoke() -> None:
    [topic] = [one for one in topics(WAR, "fr") if one.id == CONFLICT]
    words = {WAR[one.start : one.end] for one in topic.mentions}

    assert {"militaire", "guerre"} <= words
    assert topic.method == "lexicon"


def test_no_topic_is_primary_when_two_are_level() -> None:
    found = topics("Tennis tournament, bishop, sermon.", "en")

    assert len({one.id for one in found}) == 2
    assert not any(one.primary for one in found)


def test_a_topic_below_needs_its_whole_label_close_together() -> None:
    near = (
        "The central bank met. The central bank raised interest rates, and an interest rate of five is high."
    )
    far = near.replace("interest rates", "rates").replace("an interest rate", "a rate")

    assert {one.label for one in topics(near, "en")} >= {"central bank", "interest rate"}
    assert "interest rate" not in {one.label for one in topics(far, "en")}


def test_nothing_is_said_of_a_text_without_words_of_the_lexicon() -> None:
    assert topics("Xyzzy plugh.", "en") == ()
    assert topics("", "en") == ()


@pytest.mark.parametrize(
    ("code", "topic"),
    [
        ("medtop:20000058", "medtop:20000058"),
        ("20000058", "medtop:20000058"),
        ("16000000", CONFLICT),
        ("subj:16001000", CONFLICT),
        ("subj:15000000", SPORT),
        ("15054000", SPORT),
        (" MEDTOP:15000000 ", SPORT),
        ("medtop:99999999", None),
        ("medtop:16999999", None),
        ("subj:20000058", None),
        ("99000000", None),
        ("subj:1", None),
        ("wd:Q1", None),
        ("١٦٠٠٠٠٠٠", None),
        ("", None),
    ],
)
def test_codes_of_wires_become_topics(code: str, topic: str | None) -> None:
    """Subject codes are older than Media Topics and share the top level only."""
    assert known_topic(code) == topic


def test_what_the_source_declares_stays_first() -> None:
    found = topics(WAR, "fr", ["subj:15054000", "medtop:20000058", "medtop:99999999"])

    assert [(one.id, one.score, one.method) for one in found[:2]] == [
        (SPORT, 1.0, "declared"),
        ("medtop:20000058", 1.0, "declared"),
    ]
    assert [one.id for one in found if one.primary] == [CONFLICT]


def test_a_model_speaks_by_its_weight_for_the_topics_that_it_knows() -> None:
    said = {CONFLICT: 0.6, POLITICS: 0.2}

    assert blend(said, {SPORT: 0.9, POLITICS: 0.1}, 0.5) == {CONFLICT: 0.6, POLITICS: 0.15, SPORT: 0.45}
    assert blend(said, {CONFLICT: 0.0}, 1.0) == {POLITICS: 0.2}
    assert blend(said, {CONFLICT: 0.0}, 0.0) == said


def test_topics_of_a_model_are_marked_as_such() -> None:
    tokens = tokenise(WAR)
    found = {
        one.id: one for one in find_topics(tokens, "fr", 0, (), {"medtop:20000058": 0.8, CONFLICT: 0.9}, 0.5)
    }

    assert found["medtop:20000058"].method == "model"
    assert found[CONFLICT].method == "lexicon"
    assert found[CONFLICT].score > 0.5
