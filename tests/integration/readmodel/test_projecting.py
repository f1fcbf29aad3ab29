"""Each event is folded exactly once, and none is passed over."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from newsfeed import streams
from newsfeed.errors import LogDamaged, LogLost
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import connect
from newsfeed.eventlog.entries import entry_id
from newsfeed.readmodel.projector import Projector
from newsfeed.readmodel.store import ModelStore, VersionGone
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.bulk import fill
from newsfeed.testing.facts import document
from newsfeed.testing.tally import TALLY, Tally, everything, tallied
from newsfeed.testing.town import BRIDGE, put_version


async def project(log: EventLog, store: ModelStore[Any], batch: int = 100) -> None:
    """Project until there is nothing more."""
    projector = Projector(log, store, batch=batch)
    for partition in range(log.manifest.partitions):
        while await projector.step(partition):
            pass


async def test_a_model_made_in_small_steps_is_the_one_made_in_large_ones(
    filled: EventLog, tally: ModelStore[Tally]
) -> None:
    await project(filled, tally, batch=7)
    other = ModelStore(filled, TALLY, 2)
    await other.begin()

    await project(filled, other)

    assert await everything(tally, 2) == await everything(other, 2)
    assert await tallied(tally, 2) == 400
    assert [await tally.checkpoint(p) for p in range(2)] == await filled.tails()


async def test_projectors_in_each_others_way_double_nothing(
    server: EmbeddedRedis, filled: EventLog, tally: ModelStore[Tally]
) -> None:
    """A lease can be held by two for a moment; the checkpoint cannot be moved by two."""
    clients = [connect(server.url) for _ in range(3)]
    logs = [EventLog(client, filled.manifest) for client in clients]

    await asyncio.gather(*(project(log, ModelStore(log, TALLY, 1), batch=5) for log in logs))

    assert await tallied(tally, 2) == 400
    for client in clients:
        await client.aclose()


async def test_who_comes_too_late_with_a_batch_writes_nothing(
    filled: EventLog, tally: ModelStore[Tally], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It slept between reading and writing, and another projector did the same batch meanwhile."""
    slow = ModelStore(filled, TALLY, 1)
    refused: list[bool] = []
    apply = slow._apply

    async def late(change: Any) -> bool:  # noqa: ANN401 whatever the store writes
        if not refused:
            await Projector(filled, tally, batch=10).step(0)
        refused.append(await apply(change))
        return refused[-1]

    monkeypatch.setattr(slow, "_apply", late)
    await Projector(filled, slow, batch=10).step(0)

    assert refused == [False, True]
    assert await tally.checkpoint(0) == 20
    assert await tallied(tally, 2) == 20


class Unguarded(ModelStore[Tally]):
    """The bug: who comes late writes nevertheless."""

    async def _apply(self, change: Any) -> bool:  # noqa: ANN401 whatever the store writes
        change.guards.clear()
        return await super()._apply(change)


async def test_without_the_guard_a_late_batch_would_count_twice(
    filled: EventLog, tally: ModelStore[Tally], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check above is worth something: it tells this from the real thing."""
    slow = Unguarded(filled, TALLY, 1)
    commit = slow.commit

    async def late(partition: int, *rest: Any) -> bool:  # noqa: ANN401 whatever the projector commits
        await Projector(filled, tally, batch=15).step(partition)
        return await commit(partition, *rest)

    monkeypatch.setattr(slow, "commit", late)
    await Projector(filled, slow, batch=10).step(0)

    assert await tally.checkpoint(0) != await tallied(tally, 2)


async def test_a_gap_halts(filled: EventLog, tally: ModelStore[Tally]) -> None:
    """A model that passed over a hole would be wrong for ever, and look whole."""
    await filled.redis.xdel(streams.log(0), entry_id(50))
    await Projector(filled, tally, batch=40).step(0)

    with pytest.raises(LogDamaged, match="position 50 is missing"):
        await Projector(filled, tally).step(0)

    assert await tally.checkpoint(0) == 40


async def test_a_missing_end_halts_too(filled: EventLog, tally: ModelStore[Tally]) -> None:
    """It looks like a log without news."""
    tail = await filled.tail(0)
    await filled.redis.xdel(streams.log(0), entry_id(tail))

    with pytest.raises(LogDamaged, match=f"position {tail} is missing"):
        await project(filled, tally)


async def test_a_log_shorter_than_the_model_halts(filled: EventLog, tally: ModelStore[Tally]) -> None:
    """A failover lost what was folded already."""
    await project(filled, tally)
    await filled.redis.hset(streams.tail(0), "n", "3")

    with pytest.raises(LogLost):
        await project(filled, tally)


async def test_a_dropped_version_takes_nothing_more(filled: EventLog, tally: ModelStore[Tally]) -> None:
    """Neither from who reads on, nor from who has a batch in hand: a number would come back half full."""
    await Projector(filled, tally, batch=10).step(0)
    await tally.drop()
    nothing: Mapping[str, Any] = {}

    with pytest.raises(VersionGone):
        await project(filled, tally)

    assert not await tally.commit(0, (10, 20), nothing, nothing, nothing)
    assert [key async for key in filled.redis.scan_iter(match="*:model:*")] == []


async def test_a_version_whose_checkpoint_was_lost_begins_anew(
    filled: EventLog, tally: ModelStore[Tally]
) -> None:
    """Without it nobody knows which events are in the states: folding on would count some twice."""
    await project(filled, tally)
    await filled.redis.hdel(streams.checkpoints(1), tally.reader)

    await tally.begin()
    await project(filled, tally)

    assert await tallied(tally, 2) == 400


async def test_a_batch_takes_five_questions_whatever_its_size(
    filled: EventLog, tally: ModelStore[Tally], monkeypatch: pytest.MonkeyPatch
) -> None:
    """States that were fetched one by one would make a replay wait for the network only."""
    await filled.redis.ping()
    asked: list[object] = []
    execute: Any = filled.redis.execute_command
    pipeline = filled.redis.pipeline

    async def counting(*args: Any, **options: Any) -> Any:  # noqa: ANN401 as in redis-py
        asked.append(args[0])
        return await execute(*args, **options)

    def counting_pipeline(*args: Any, **options: Any) -> Any:  # noqa: ANN401 as in redis-py
        asked.append("pipeline")
        return pipeline(*args, **options)

    await Projector(filled, tally, batch=1).step(0)
    monkeypatch.setattr(filled.redis, "execute_command", counting)
    monkeypatch.setattr(filled.redis, "pipeline", counting_pipeline)
    await Projector(filled, tally).step(0)

    assert asked == ["HGET", "HGET", "XRANGE", "pipeline", "EVALSHA"]


async def test_what_is_projected_later_counts_too(log: EventLog, tally: ModelStore[Tally]) -> None:
    await fill(log, 40)
    await project(log, tally)
    await put_version(log, BRIDGE, 1, document())

    await project(log, tally)

    assert await tallied(tally, 2) == 41
