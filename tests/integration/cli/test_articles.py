"""`newsfeed articles`, `article` and `content`."""

from __future__ import annotations

import orjson
import pytest

from newsfeed import streams
from newsfeed.testing.answers import Ask
from newsfeed.testing.town import BRIDGE, FAIR, Town

pytestmark = pytest.mark.by_turns


@pytest.mark.usefixtures("town")
async def test_the_listing_leaves_withdrawn_articles_out(ask: Ask) -> None:
    answer = await ask("articles", "--json")

    assert [one["article_id"] for one in answer.json] == [BRIDGE]
    assert answer.status == 0


@pytest.mark.usefixtures("town")
async def test_an_article_has_the_shape_that_programs_rely_on(ask: Ask) -> None:
    [one] = (await ask("articles", "--json")).json

    assert {name: one[name] for name in ("version", "status", "title", "language", "source_id", "seed")} == {
        "version": 2,
        "status": "active",
        "title": "Ada opens new bridge",
        "language": "en",
        "source_id": "town",
        "seed": f"town/{BRIDGE}.txt",
    }
    [entity] = one["entities"]
    assert (entity["name"], entity["type"], entity["mentions"]) == ("Ada", "PER", [{"start": 0, "end": 3}])
    assert one["topics"] == [{"id": "medtop:16000000", "label": "conflict", "score": 0.5}]


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--all"], [BRIDGE, FAIR]),
        (["--language", "en"], [BRIDGE]),
        (["--language", "fr"], []),
        (["--topic", "medtop:16000000"], [BRIDGE]),
        (["--topic", "16000000"], [BRIDGE]),
        (["--topic", "medtop:01000000"], []),
        (["--source", "town", "--all"], [BRIDGE, FAIR]),
        (["--source", "country"], []),
    ],
)
async def test_the_listing_can_be_narrowed(ask: Ask, options: list[str], expected: list[str]) -> None:
    answer = await ask("articles", "--json", *options)

    assert sorted(one["article_id"] for one in answer.json) == expected


async def test_an_erased_text_has_no_title_and_no_names(ask: Ask, town: Town) -> None:
    sha256 = town.bridge[1].content_sha256
    await town.log.redis.set(streams.content(town.log.partition_of(BRIDGE), sha256), b"")

    [one] = (await ask("articles", "--json")).json

    assert one["title"] is None
    assert one["entities"][0]["name"] is None
    assert (await ask("articles")).status == 0
    assert (await ask("content", BRIDGE)).status == 1


async def test_a_damaged_text_stops_no_listing(ask: Ask, town: Town) -> None:
    sha256 = town.bridge[1].content_sha256
    await town.log.redis.set(streams.content(town.log.partition_of(BRIDGE), sha256), b"not zstd")

    answer = await ask("articles", "--json")

    assert [one["title"] for one in answer.json] == [None]


@pytest.mark.usefixtures("town")
async def test_the_table_shows_names_and_labels(ask: Ask) -> None:
    answer = await ask("articles")

    header, line = answer.out.splitlines()
    assert header.startswith("ID ")
    assert all(word in line for word in (BRIDGE, "Ada", "conflict", "Ada opens new bridge"))


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize("name", [FAIR, FAIR[:6], f"town/{FAIR}.txt"])
async def test_an_article_is_found_by_id_beginning_and_seed(ask: Ask, name: str) -> None:
    [one] = (await ask("article", name, "--json")).json

    assert (one["article_id"], one["status"]) == (FAIR, "withdrawn")
    assert [event["type"] for event in one["history"]] == [
        "article.ingested",
        "article.enriched",
        "article.withdrawn",
    ]


@pytest.mark.usefixtures("town")
async def test_the_paragraph_ends_with_the_history(ask: Ask) -> None:
    answer = await ask("article", BRIDGE)

    assert answer.out.splitlines()[-1].endswith("article.enriched")


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize("name", ["cccccc", "aaaaa", "town/none.txt"])
async def test_an_unknown_article_is_bad_news_in_one_sentence(ask: Ask, name: str) -> None:
    answer = await ask("article", name)

    assert (answer.status, answer.out) == (1, "")
    assert answer.err == f"newsfeed: no article has the id or the seed {name!r}\n"


@pytest.mark.usefixtures("town")
async def test_the_text_is_printed_exactly(ask: Ask) -> None:
    """Character offsets count in it: not even a line end may be added."""
    newest, first = await ask("content", BRIDGE), await ask("content", BRIDGE, "--version", "1")

    assert newest.out == "Ada opens new bridge\n\nIt is open."
    assert first.out == "Ada opens bridge\n\nIt is open."


@pytest.mark.usefixtures("town")
async def test_the_whole_document_comes_as_json(ask: Ask) -> None:
    answer = await ask("content", BRIDGE, "--json")

    document = orjson.loads(answer.out)
    assert (document["title"], document["text"][:3]) == ("Ada opens new bridge", "Ada")


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize(("version", "status"), [("9", 1), ("0", 2), ("x", 2)])
async def test_a_version_that_is_not_there(ask: Ask, version: str, status: int) -> None:
    answer = await ask("content", BRIDGE, "--version", version)

    assert answer.status == status


@pytest.mark.usefixtures("redis")
@pytest.mark.parametrize("command", ["articles", "events", "verify"])
async def test_before_the_first_seed_listings_are_empty(ask: Ask, command: str) -> None:
    answer = await ask(command, "--json")

    assert (answer.status, answer.out) == (0, "")
    assert answer.err == "newsfeed: nothing has been ingested yet\n"
