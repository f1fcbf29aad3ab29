"""`newsfeed rebuild`, and what `status` and `dead-letters` say of read models."""

from __future__ import annotations

import pytest

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.leases import SoleOwner
from newsfeed.readmodel.articles import ARTICLES
from newsfeed.readmodel.catalogue import read_versions
from newsfeed.readmodel.projector import Projector
from newsfeed.readmodel.rebuilding import start
from newsfeed.readmodel.store import ModelStore
from newsfeed.testing.answers import Ask
from newsfeed.testing.facts import append_raw
from newsfeed.testing.town import BRIDGE, Town

FUTURE = b'{"type":"article.transmuted","schema_version":1}'


async def project(log: EventLog) -> None:
    """Bring the live version up with the log, as keep does."""
    versions = await start(log, ARTICLES)
    store = ModelStore(log, ARTICLES, versions.live or 0)
    for partition in range(log.manifest.partitions):
        while await Projector(log, store).step(partition):
            pass


async def test_a_rebuild_makes_a_new_version_live(ask: Ask, town: Town) -> None:
    await project(town.log)

    answer = await ask("rebuild", "--json")

    assert answer.status == 0
    assert [(one["version"], one["state"]) for one in answer.json] == [(2, "built"), (2, "live")]
    assert (await read_versions(town.log.redis, "articles")).live == 2


async def test_build_swap_and_back_are_a_command_each(ask: Ask, town: Town) -> None:
    await project(town.log)
    states = []
    for option in ("--no-swap", "--swap", "--rollback"):
        assert (await ask("rebuild", "articles", option)).status == 0
        listing = (await ask("rebuild", "--list", "--hash", "--json")).json
        states.append({one["version"]: one["state"] for one in listing})
        hashes = {one["sha256"] for one in listing}

        assert len(hashes) == 1

    assert states == [{1: "live", 2: "building"}, {1: "previous", 2: "live"}, {1: "live", 2: "previous"}]
    assert [one["lag"] for one in listing] == [0, 0]


async def test_what_cannot_be_folded_ends_a_rebuild_with_its_position(ask: Ask, town: Town) -> None:
    await project(town.log)
    position = await append_raw(town.log, BRIDGE, FUTURE)

    answer = await ask("rebuild")

    where = f"articles@2 halted in partition 0 at position {position}: event_unreadable"
    assert answer.status == 1
    assert where in answer.err
    assert (await read_versions(town.log.redis, "articles")).live == 1
    assert len((await ask("articles", "--all", "--json")).json) == 2


async def test_a_build_can_be_given_up(ask: Ask, town: Town) -> None:
    await project(town.log)
    await ask("rebuild", "--no-swap")

    answer = await ask("rebuild", "--give-up")

    assert answer.status == 0
    assert (await read_versions(town.log.redis, "articles")).building is None
    assert (await ask("rebuild", "--swap")).status == 1
    assert (await ask("rebuild", "--rollback")).err == "newsfeed: there is no version to go back to\n"


async def test_everything_is_rebuilt_and_compared(ask: Ask, town: Town) -> None:
    await project(town.log)
    await town.log.redis.hset(streams.SEEDS, "a", "{}")

    answer = await ask("rebuild", "--all", "--json")

    model, channel, seeds = answer.json
    assert answer.status == 0
    assert (model["rebuilt"], model["same"], channel["rebuilt"], channel["same"]) == (
        "articles",
        True,
        "channel latest",
        True,
    )
    assert model["sha256_before"] == model["sha256_after"] != channel["sha256_after"]
    assert seeds["note"] == "dropped: ingest makes it anew at its next start"
    assert not await town.log.redis.exists(streams.SEEDS)


async def test_a_ledger_that_was_wrong_is_bad_news_and_right_afterwards(ask: Ask, town: Town) -> None:
    """Somebody changed it; whoever looks after the service should learn of that."""
    await town.log.redis.hset(streams.delivered("latest", 7), "nobody", "1|1|")

    assert (await ask("rebuild", "--all")).status == 1
    assert (await ask("rebuild", "--all")).status == 0


async def test_the_ledger_of_a_running_ingest_is_left_alone(ask: Ask, town: Town) -> None:
    """It writes through from memory: its checkpoint would come back without the entries before it."""
    owner = SoleOwner(town.log.redis, streams.INGEST, "running", 30, 2)
    await owner.acquire()
    await town.log.redis.hset(streams.SEEDS, "a", "{}")

    answer = await ask("rebuild", "--all")

    assert "left alone: ingest is running" in answer.out
    assert await town.log.redis.exists(streams.SEEDS)


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize(
    "arguments", [["nothing"], ["--swap", "--rollback"], ["--hash"], ["articles", "--all"]]
)
async def test_a_wish_that_makes_no_sense_is_wrong_usage(ask: Ask, arguments: list[str]) -> None:
    assert (await ask("rebuild", *arguments)).status == 2


async def test_a_parked_article_is_listed_shown_and_requeued(
    ask: Ask, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = await append_raw(town.log, BRIDGE, FUTURE)
    await project(town.log)
    name = f"articles@1:0:{position}"

    [listed] = (await ask("dead-letters", "list", "--json")).json
    [shown] = (await ask("dead-letters", "show", name, "--json")).json
    status = (await ask("status", "--json")).json[0]
    early = await ask("dead-letters", "requeue", "--all")
    dropped = await ask("dead-letters", "drop", name)
    monkeypatch.setattr(ARTICLES.__class__, "after", ARTICLES.__class__.leniently_after)
    late = await ask("dead-letters", "requeue", name)

    assert (listed["letter"], listed["subject"], listed["waiting"]) == (name, BRIDGE, 1)
    assert shown["event"]["error"].startswith("event_unreadable")
    assert "1 articles are parked in version 1 of the read model articles" in status["problems"]
    assert (early.status, dropped.status, late.status) == (1, 1, 0)
    assert "cannot be folded yet" in early.err
    assert (await ask("dead-letters", "list", "--json")).out == ""


@pytest.mark.usefixtures("town")
async def test_a_requeue_of_what_is_not_parked(ask: Ask) -> None:
    answer = await ask("dead-letters", "requeue", "articles@1:0:1")

    assert (answer.status, "there is no dead letter" in answer.err) == (1, True)


async def test_status_tells_of_a_model_that_another_release_made(ask: Ask, town: Town) -> None:
    """Its answers come from the whole log until it is rebuilt: right, and slow."""
    await project(town.log)
    versions = await read_versions(town.log.redis, "articles")
    older = versions.model_copy(update={"folds": {1: 0}}).model_dump_json()
    await town.log.redis.hset(streams.PROJECTIONS, "articles", older)

    [found] = (await ask("status", "--json")).json

    assert "another release made the read model articles: `newsfeed rebuild articles`" in found["warnings"]
    assert found["projections"][0]["fits"] is False
    assert (await ask("rebuild", "--all", "--json")).json[0]["sha256_before"] is None
