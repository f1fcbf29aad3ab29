"""What an editor may ask for in a query, and what they are told when it cannot be read."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsfeed.channel_tables import parse_channels
from newsfeed.channels import Channel
from newsfeed.errors import ChannelInvalid
from newsfeed.queries import (
    And,
    Clause,
    Everything,
    Not,
    Or,
    Query,
    QueryInvalid,
    Score,
    Text,
    Urgency,
    parse_query,
)

WAR = Clause("topic", "medtop:16000000")
A, B, C = Text("a"), Text("b"), Text("c")


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("*", Everything()),
        ("ferry", Text("ferry")),
        ('"garanties de sécurité"', Text("garanties de sécurité")),
        ("ukrain*", Text("ukrain", is_prefix=True)),
        ("title:ferry", Text("ferry", "title")),
        ('lead:"new ferry"', Text("new ferry", "lead")),
        ("topic:16000000", WAR),
        ("topic:medtop:16000000", WAR),
        ('topic:"conflict, war and peace"', WAR),
        ('topic:"Conflict,  WAR and peace"', WAR),
        ("entity:wikidata:Q212", Clause("entity", "wikidata:Q212")),
        ("place:UA", Clause("place", "UA")),
        ("place:geonames:703448", Clause("place", "geonames:703448")),
        ('place:"Kyiv"', Clause("place", "Kyiv")),
        ("language:fr source:afp", And((Clause("language", "fr"), Clause("source", "afp")))),
        ("story:abc", Clause("story", "abc")),
        ("urgency<=3", Urgency("<=", 3)),
        ("score>=0.6 topic:16000000", And((Score(0.6), WAR))),
        ("a b", And((A, B))),
        ("a AND b OR c", Or((And((A, B)), C))),
        ("a (b OR c)", And((A, Or((B, C))))),
        ("a NOT b", And((A, Not(B)))),
        ("NOT NOT a AND b", And((Not(Not(A)), B))),
        ("((a))", A),
        (r'"say \"yes\""', Text('say "yes"')),
        ('"and"', Text("and")),
        ('"NOT" a', And((Text("NOT"), A))),
        ("فلسطين 東京*", And((Text("فلسطين"), Text("東京", is_prefix=True)))),
    ],
)
def test_a_query_reads_as(text: str, query: Query) -> None:
    """AND binds tighter than OR, and what stands side by side is joined by AND."""
    assert parse_query(text) == query
    assert parse_query(str(query)) == query


@pytest.mark.parametrize(
    ("text", "position", "told"),
    [
        ("", 1, "a clause is missing"),
        ("a AND", 3, "AND has nothing behind it"),
        ("a OR OR b", 6, "OR has nothing before it"),
        ("(a b", 1, "never closed"),
        ("a) b", 2, "closes nothing"),
        ("()", 2, "nothing before this )"),
        ('say "abc', 5, "close it with a second"),
        ("“abc”", 1, "straight ones"),
        ("NOT ferry", 1, "* NOT ferry"),
        ("a OR NOT b", 6, "nothing says from what"),
        ("topc:1", 1, "did you mean topic:?"),
        ("10:30", 1, '"10:30"'),
        ("urgency:3", 1, "urgency<=3"),
        ("urgency <= 3", 1, "without them"),
        ("urgncy<=3", 1, "did you mean urgency?"),
        ("urgency<=12", 10, "a digit from 1"),
        ("score>=2 topic:16000000", 8, "a number from 0 to 1"),
        ("score<=0.5 topic:16000000", 1, "score>=0.6"),
        ("ferry score>=0.6", 1, "beside a topic"),
        ("topic:16000000 OR score>=0.6", 19, "beside a topic"),
        ("topic:99999999", 7, "eight digits"),
        ("topic:polotics", 7, "did you mean"),
        ("entity:Kyiv", 8, 'place:"Kyiv"'),
        ("place:ua", 7, "did you mean place:UA?"),
        ("language:french", 10, "two or three"),
        ("topic: 16000000", 1, "right behind the colon"),
        ("ferry and bridge", 7, "write AND"),
        ("ferry -bridge", 7, "write NOT bridge"),
        ("fer*ry", 4, "only stand at its end"),
        ("!!!", 1, "no letter and no digit"),
        ("(" * 40 + "a", 32, "nested too deeply"),
        ("NOT " * 40 + "a", 125, "nested too deeply"),
        ("a" * 5000, 4001, "at most 4000"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_a_hint(text: str, position: int, told: str) -> None:
    """An editor should mend it without reading the grammar."""
    with pytest.raises(QueryInvalid) as caught:
        parse_query(text)

    assert told in str(caught.value)
    assert caught.value.position == position


def test_a_channel_tells_of_its_query_like_of_any_other_field() -> None:
    """Every problem of a file is told at once."""
    with pytest.raises(ChannelInvalid) as caught:
        parse_channels('[[channels]]\nname = "a"\ntitle = "A"\nevery_seconds = 1\nquery = "(ferry"\n')

    assert caught.value.problems[0].startswith("channel a: query: at character 1: this ( is never closed")


def test_a_query_of_blanks_asks_for_nothing() -> None:
    """Such a channel holds every article."""
    assert Channel(name="a", title="A", every_seconds=1, query="  ").is_unrestricted


WORDS = st.text(st.characters(categories=["L", "N", "Zs", "P", "S"]), min_size=1, max_size=12).filter(
    lambda text: any(character.isalnum() for character in text)
)
PLAIN = st.text(string.ascii_letters + string.digits + "éшما東", min_size=1, max_size=8)
LEAVES = st.one_of(
    st.just(Everything()),
    st.builds(Text, WORDS, st.sampled_from([None, "title", "lead"])),
    st.builds(Text, PLAIN, st.sampled_from([None, "title", "lead"]), st.just(value=True)),
    st.builds(Urgency, st.sampled_from(["<", "<=", "=", ">=", ">"]), st.integers(1, 9)),
    st.sampled_from(
        [WAR, Clause("place", "UA"), Clause("language", "fr"), Clause("entity", "wikidata:Q212")]
    ),
    st.builds(Clause, st.sampled_from(["source", "story"]), WORDS),
)


def _composed(parts: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    several = st.lists(parts, min_size=2, max_size=4).map(tuple)
    scored = st.builds(
        lambda some, minimum: And((WAR, *some, Score(minimum))), several, st.sampled_from([0, 0.25, 1])
    )
    return st.one_of(st.builds(And, several), st.builds(Or, several), st.builds(Not, parts), scored)


QUERIES = st.recursive(LEAVES, _composed, max_leaves=12)


@given(QUERIES)
def test_what_is_written_reads_back_as_the_same(query: Query) -> None:
    """A reason names its clause as it would be written."""
    whole = And((Everything(), query))

    assert parse_query(str(whole)) == whole


PIECES = [*'ab*:"()\\<>=-. é“', " AND ", " OR ", "NOT ", "topic:", "score>=0.5 "]


def _read(text: str) -> Query | QueryInvalid:
    try:
        return parse_query(text)
    except QueryInvalid as error:
        return error


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_no_text_breaks_the_parser(text: str) -> None:
    """It reads it, or says where it cannot."""
    read = _read(text)

    if isinstance(read, QueryInvalid):
        assert 1 <= read.position <= len(text) + 1
    else:
        assert parse_query(str(read)) == read
