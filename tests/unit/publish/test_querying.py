"""Which articles a query selects, and what a reader is told about why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsfeed.channels import Channel
from newsfeed.documents import Entity, Mention
from newsfeed.queries import And, Clause, Everything, Not, Or, Query, Score, Text, Urgency, parse_query
from newsfeed.testing.builders import document, enrichment, ingested
from newsfeed.values import EntityFound
from services.publish.candidates import Candidate
from services.publish.channel_index import ChannelIndex
from services.publish.matching import why, why_not
from services.publish.querying import Matcher

WAR, CEASEFIRE, POLITICS = "medtop:16000000", "medtop:20000065", "medtop:11000000"
KYIV = Entity(
    id="geonames:703448",
    type="LOC",
    name="Київ",
    score=0.9,
    salience=0.5,
    method="gazetteer",
    country="UA",
    mentions=(Mention(start=0, end=4),),
)


def _ancestors(topic_id: str) -> tuple[str, ...]:
    return {CEASEFIRE: ("medtop:20000056", WAR)}.get(topic_id, ())


def _channel(query: str, **fields: object) -> Channel:
    return Channel.model_validate(
        {"name": "desk", "title": "Desk", "every_seconds": 1, "query": query, **fields}
    )


@pytest.fixture(scope="session")
def report(candidate: Callable[..., Candidate]) -> Candidate:
    """A French report of urgency 3 on a ceasefire (0.8) and politics (0.3) in Kyiv (0.9)."""
    bare = enrichment("fr", topics={CEASEFIRE: 0.8, POLITICS: 0.3})
    found = bare.model_copy(update={"entities": (KYIV,)})
    text = document("Kyiv : la trêve tient", "Les garanties de sécurité sont prêtes.\n\nUn bac repart.")
    one = candidate(ingested(urgency=3), text, found)
    told = one.enriched.model_copy(update={"entities": (EntityFound.of(KYIV),), "story_id": "story-1"})
    return Candidate(0, 9, one.version_event, told, one.document, one.enrichment)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("*", [("everything", "*")]),
        ("topic:16000000", [("topic", CEASEFIRE)]),
        ("topic:16000000 score>=0.9", None),
        ("topic:11000000 score>=0.5", None),
        ("topic:11000000 (score>=0.5 topic:16000000)", [("topic", POLITICS), ("topic", CEASEFIRE)]),
        ("score>=0.5 (topic:11000000 OR topic:16000000)", [("topic", CEASEFIRE)]),
        ("entity:geonames:703448", [("entity", KYIV.id)]),
        ("place:UA", [("place", KYIV.id)]),
        ("place:FR", None),
        ("place:geonames:703448", [("place", KYIV.id)]),
        ("place:київ", [("place", KYIV.id)]),
        ("place:UA score>=0.95", None),
        (
            "language:fr source:desk story:story-1",
            [("language", "fr"), ("source", "desk"), ("story", "story-1")],
        ),
        ("urgency<=3", [("urgency", "3")]),
        ("urgency<3", None),
        ('"garanties de securite"', [("words", "garanties de securite")]),
        ("title:garanties", None),
        ("lead:garanties NOT lead:bac", [("words", "garanties")]),
        ("treve NOT bac", None),
        ("treve OR ferry", [("words", "treve")]),
        ("gar* tre*", [("words", "gar*"), ("words", "tre*")]),
        ("treve treve", [("words", "treve")]),
    ],
)
def test_a_query_selects_and_says_why(
    report: Candidate, query: str, expected: list[tuple[str, str]] | None
) -> None:
    """A NOT gives no reason; a score counts for what stands beside it."""
    reasons = why(_channel(query), report, _ancestors)

    assert (reasons and [(reason.kind, reason.id) for reason in reasons]) == expected
    assert ChannelIndex([_channel(query)]).matching(report, _ancestors) == ({"desk"} if expected else set())


def test_a_reason_names_the_clause_as_it_is_written_and_where_it_is_met(report: Candidate) -> None:
    """So that an editor finds it in the query, and a reader in the text."""
    (reason,) = why(_channel('lead:"garanties de sécurité"'), report, _ancestors) or ()
    assert report.document is not None

    [mention] = reason.mentions
    assert reason.clause == 'lead:"garanties de sécurité"'
    assert report.document.text[mention.start : mention.end] == "garanties de sécurité"


def test_lists_and_query_must_both_be_met(report: Candidate) -> None:
    """The lists came first, and stay."""
    assert why(_channel("treve", languages=["de"]), report, _ancestors) is None
    reasons = why(_channel("treve", topics=[WAR]), report, _ancestors) or ()
    assert [reason.kind for reason in reasons] == ["topic", "words"]
    assert why(_channel("topic:11000000", minimum_score=0.5), report, _ancestors) is None


def test_what_is_missing_is_named_clause_by_clause(report: Candidate) -> None:
    """For an editor who wonders why an article is not there."""
    channel = _channel("treve (ferry OR topic:07000000) NOT bac", languages=["de"])

    assert why_not(channel, report, _ancestors) == [
        "languages: none of de",
        "ferry OR topic:07000000",
        "NOT bac",
    ]
    assert why_not(_channel("treve"), report, _ancestors) == []


def test_an_erased_text_has_no_words_and_no_names(candidate: Callable[..., Candidate]) -> None:
    """What stands in events still counts."""
    erased = candidate(ingested(), found=enrichment(topics={WAR: 0.8}), erased=True)

    assert why(_channel("body"), erased, _ancestors) is None
    assert why(_channel("topic:16000000 NOT body"), erased, _ancestors)


LEAVES: list[Query] = [
    Everything(),
    *(Clause("topic", one) for one in (WAR, CEASEFIRE, POLITICS, "medtop:07000000")),
    *(Clause("place", one) for one in ("UA", "FR", KYIV.id, "Київ")),
    Clause("entity", KYIV.id),
    Clause("language", "fr"),
    Clause("language", "de"),
    Clause("source", "desk"),
    Clause("story", "story-1"),
    Urgency("<=", 3),
    Urgency(">", 3),
    *(Text(one) for one in ("treve", "ferry", "garanties de securite", "bac")),
    Text("treve", "lead"),
    Text("garan", is_prefix=True),
    Text("ga", is_prefix=True),
]
MET = {
    *(LEAVES[i] for i in (0, 1, 2, 3, 5, 7, 8, 9, 10, 12, 13, 14)),
    Text("treve"),
    Text("garanties de securite"),
    Text("bac"),
    Text("garan", is_prefix=True),
    Text("ga", is_prefix=True),
}
SCORES = {WAR: 0.8, CEASEFIRE: 0.8, POLITICS: 0.3, "UA": 0.9, KYIV.id: 0.9, "Київ": 0.9}


def _naive(query: Query, minimum: float = 0) -> bool:
    """As the page says it, in as few words as possible."""
    match query:
        case And(parts):
            within = max([minimum, *(one.minimum for one in parts if isinstance(one, Score))])
            return all(_naive(part, within) for part in parts)
        case Or(parts):
            return any(_naive(part, minimum) for part in parts)
        case Not(part):
            return not _naive(part, minimum)
        case Score():
            return True
        case Clause(value=value):
            return query in MET and SCORES.get(value, 1) >= minimum
        case _:
            return query in MET


def _composed(parts: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    several = st.lists(parts, min_size=2, max_size=4).map(tuple)
    minimum = st.sampled_from([0.25, 0.5, 0.85, 1])
    scored = st.builds(lambda some, least: And((*some, Clause("topic", WAR), Score(least))), several, minimum)
    return st.one_of(st.builds(And, several), st.builds(Or, several), st.builds(Not, parts), scored)


QUERIES = st.recursive(st.sampled_from(LEAVES), _composed, max_leaves=10)


@given(query=QUERIES)
def test_a_query_selects_what_a_naive_reading_of_it_selects(report: Candidate, query: Query) -> None:
    """And the index never hides an article from a channel."""
    selected = Matcher(report, _ancestors).reasons(query) is not None
    channel = _channel(str(And((Everything(), query))))

    assert selected is _naive(query)
    assert (Matcher(report, _ancestors).failed(query) == []) is selected
    assert parse_query(channel.query) == And((Everything(), query))
    assert ChannelIndex([channel]).matching(report, _ancestors) == ({"desk"} if selected else set())
