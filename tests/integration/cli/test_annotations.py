"""`newsfeed annotate` and `re-enrich`: an editor's word in the log, and a new enricher's look at it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from newsfeed.eventlog import ArticleLog
from newsfeed.eventlog.consumer import Handler
from newsfeed.eventlog.verify import verify_log
from newsfeed.events import AnnotationCorrected, ArticleEnriched
from newsfeed.readmodel.queries import current_article
from newsfeed.testing.answers import Ask
from newsfeed.testing.town import BRIDGE, Town
from newsfeed.values import EntityAdded, EntityRemoved
from services.enrich.enricher import Enricher
from services.enrich.handlers import enrich_handler

pytestmark = pytest.mark.by_turns


async def react(log: ArticleLog, make: Callable[[ArticleLog, Enricher], Handler]) -> None:
    """Handle the newest event of the bridge, as enrich would."""
    partition = log.partition_of(BRIDGE)
    newest = (await log.history(BRIDGE))[-1].readable()
    for appends in await make(log, Enricher()).react(partition, [newest]):
        await log.append(partition, appends)


async def test_a_word_of_an_editor_is_in_the_log_and_in_the_article(ask: Ask, town: Town) -> None:
    answer = await ask(
        "annotate",
        BRIDGE,
        "--remove",
        "local:ada",
        "--add",
        "ORG:bridge",
        "--topic",
        "11000000",
        "--by",
        "desk",
    )
    await react(town.log, enrich_handler)

    assert answer.status == 0
    [fact] = [e.event for e in await town.log.history(BRIDGE) if isinstance(e.event, AnnotationCorrected)]
    assert [type(one) for one in fact.corrections[:2]] == [EntityAdded, EntityRemoved]
    state = await current_article(town.log, BRIDGE)
    assert state is not None
    assert "local:ada" not in {one.id for one in state.entities}
    assert "medtop:11000000" in {one.id for one in state.topics}
    assert [problem async for problem in verify_log(town.log)] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--remove", "local:bob"], "it has local:ada"),
        (["--add", "ORG:Nowhere"], "does not stand in the text"),
        (["--add", "bridge"], "is not TYPE:NAME"),
        (["--add", "THING:bridge"], "no type of entity"),
        (["--topic", "99999999"], "no IPTC Media Topic"),
        (["--relink", "local:ada=Bob"], "with an id such as"),
        ([], "say what to correct"),
    ],
)
async def test_a_mistake_of_an_editor_is_told_and_not_recorded(
    ask: Ask, town: Town, arguments: list[str], said: str
) -> None:
    tails = await town.log.tails()

    answer = await ask("annotate", BRIDGE, *arguments)

    assert answer.status == 1
    assert said in answer.err
    assert await town.log.tails() == tails


async def test_a_new_enricher_is_looked_at_before_it_speaks(ask: Ask, town: Town) -> None:
    """The town's enrichments are by another engine, so this one has something to say of each article."""
    tails = await town.log.tails()

    [dry] = (await ask("re-enrich", "--dry-run", "--json")).json

    assert (dry["articles"], dry["changed"], dry["appended"]) == (1, 1, 0)
    assert dry["went"]["local:ada"] == 1
    assert await town.log.tails() == tails


async def test_what_was_said_before_is_not_said_again(ask: Ask, town: Town) -> None:
    [first] = (await ask("re-enrich", "--json")).json
    [second] = (await ask("re-enrich", "--json")).json

    assert (first["appended"], second["appended"], second["changed"]) == (1, 0, 0)
    history = await town.log.history(BRIDGE)
    assert len([entry for entry in history if isinstance(entry.event, ArticleEnriched)]) >= 2
    assert "would change" in (await ask("re-enrich", "--dry-run")).out


async def test_only_what_is_asked_for_is_enriched_again(ask: Ask, town: Town) -> None:
    assert town.bridge
    [later] = (await ask("re-enrich", "--since", "2999-01-01", "--dry-run", "--json")).json
    [other] = (await ask("re-enrich", "--source", "elsewhere", "--dry-run", "--json")).json

    assert later["articles"] == other["articles"] == 0
