"""Which articles belong to a channel, and what a reader is told about why."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from newsfeed.channels import Channel
from newsfeed.testing.builders import enrichment, ingested
from services.publish.candidates import Candidate
from services.publish.matching import score_of, why

WAR, CEASEFIRE, POLITICS = "medtop:16000000", "medtop:20000065", "medtop:11000000"
KYIV = "wikidata:Q1899"


def _ancestors(topic_id: str) -> tuple[str, ...]:
    return {CEASEFIRE: ("medtop:20000056", WAR)}.get(topic_id, ())


def _channel(**query: object) -> Channel:
    return Channel.model_validate({"name": "desk", "title": "Desk", "every_seconds": 1, **query})


@pytest.fixture(scope="session")
def report(candidate: Callable[..., Candidate]) -> Candidate:
    """A French report on a ceasefire (0.8) and politics (0.3) that names Kyiv (0.9), from the desk."""
    found = enrichment("fr", topics={CEASEFIRE: 0.8, POLITICS: 0.3}, entities={KYIV: 0.9})
    return candidate(ingested(), found=found)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [("everything", "*")]),
        ({"topics": [CEASEFIRE]}, [("topic", CEASEFIRE)]),
        ({"topics": [WAR]}, [("topic", CEASEFIRE)]),
        ({"topics": ["medtop:07000000"]}, None),
        ({"topics": [POLITICS, WAR]}, [("topic", CEASEFIRE), ("topic", POLITICS)]),
        ({"topics": [POLITICS, WAR], "minimum_score": 0.5}, [("topic", CEASEFIRE)]),
        ({"topics": [POLITICS], "minimum_score": 0.5}, None),
        ({"entities": [KYIV, "wikidata:Q1"]}, [("entity", KYIV)]),
        ({"entities": ["wikidata:Q1"]}, None),
        ({"languages": ["de", "fr"]}, [("language", "fr")]),
        ({"languages": ["de"]}, None),
        ({"sources": ["desk"]}, [("source", "desk")]),
        ({"sources": ["other"]}, None),
        ({"topics": [WAR], "languages": ["fr"]}, [("topic", CEASEFIRE), ("language", "fr")]),
        ({"topics": [WAR], "languages": ["de"]}, None),
        ({"topics": ["medtop:07000000"], "languages": ["fr"]}, None),
    ],
)
def test_lists_are_all_met_and_one_value_of_a_list_is_enough(
    report: Candidate, query: dict[str, object], expected: list[tuple[str, str]] | None
) -> None:
    """A topic stands for all below it, too."""
    reasons = why(_channel(**query), report, _ancestors)

    assert (reasons and [(reason.kind, reason.id) for reason in reasons]) == expected


def test_a_reason_names_the_clause_the_finding_its_score_and_where_it_stands(report: Candidate) -> None:
    """So that a reader can check it, and an editor can mend the channel."""
    (reason,) = why(_channel(topics=[WAR]), report, _ancestors) or ()

    assert (reason.clause, reason.name, reason.score) == (WAR, f"label of {CEASEFIRE}", 0.8)
    assert [(mention.start, mention.end) for mention in reason.mentions] == [(0, 4)]


def test_an_erased_text_still_matches_but_nothing_of_it_is_told(candidate: Callable[..., Candidate]) -> None:
    """Codes and scores stand in the events; names stood in the text."""
    found = enrichment(topics={WAR: 0.8}, entities={KYIV: 0.9})
    erased = candidate(ingested(), found=found, erased=True)
    reasons = why(_channel(topics=[WAR], entities=[KYIV]), erased, _ancestors) or ()

    assert [(reason.id, reason.name, reason.mentions) for reason in reasons] == [
        (WAR, None, ()),
        (KYIV, None, ()),
    ]


def test_the_score_is_the_best_of_the_reasons_and_nothing_without_a_topic_or_entity(
    report: Candidate,
) -> None:
    """It orders the items of a digest."""
    assert score_of(why(_channel(topics=[WAR, POLITICS]), report, _ancestors) or ()) == 0.8
    assert score_of(why(_channel(languages=["fr"]), report, _ancestors) or ()) == 0
