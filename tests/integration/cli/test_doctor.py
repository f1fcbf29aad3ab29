"""`newsfeed doctor`: what is wrong below the surface, and the way on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from newsfeed import streams
from newsfeed.eventlog.groups import ensure_group
from newsfeed.eventlog.memory import remember
from newsfeed.testing.answers import Ask
from newsfeed.testing.facts import version_append
from newsfeed.testing.town import Town


@pytest.mark.usefixtures("redis")
async def test_without_a_log_there_is_nothing_to_lose(ask: Ask) -> None:
    """It may be the first thing that somebody runs."""
    answer = await ask("doctor")

    assert (answer.status, answer.out) == (0, "Nothing is wrong.\n")


async def test_a_sound_log_is_told_to_be_so(ask: Ask, town: Town) -> None:
    """Every group is there, and nothing was seen that is not there now."""
    await ensure_group(town.log, streams.ENRICH)

    answer = await ask("doctor")

    assert (answer.status, answer.out) == (0, "Nothing is wrong.\n")


async def test_a_log_that_went_back_is_told_until_it_is_accepted(
    ask: Ask, town: Town, tmp_path: Path
) -> None:
    """The remedy is in the sentence, and it works."""
    await ensure_group(town.log, streams.ENRICH)
    before = {key: await town.log.redis.dump(key) for key in (streams.log(0), streams.tail(0))}
    await town.log.append(0, [version_append("lost")])
    remember(town.log, tmp_path / "var", "ingest")
    for key, value in before.items():
        await town.log.redis.restore(key, 0, value or b"", replace=True)

    told = await ask("doctor")
    accepted = await ask("doctor", "--accept-loss")

    assert told.status == 1
    assert "ingest: partition 0 ends at" in told.out
    assert "doctor --accept-loss" in told.out
    assert (accepted.status, accepted.out) == (0, "Nothing is wrong.\n")


@pytest.mark.usefixtures("town")
async def test_weak_settings_come_with_their_remedy(
    ask: Ask, configure: Callable[[str, str], Awaitable[None]]
) -> None:
    """One that could lose the log is bad news; a missing group is made anew by its program."""
    await configure("maxmemory-policy", "allkeys-lru")

    answer = await ask("doctor", "--json")

    assert answer.status == 1
    assert [(one["fatal"], one["detail"].partition(" ")[0]) for one in answer.json] == [
        (True, "maxmemory-policy"),
        (False, "partition"),
        (False, "partition"),
    ]


async def test_a_bundle_without_one_of_its_channels_is_told_of_and_does_no_harm(ask: Ask, town: Town) -> None:
    """It goes on: an operator decides what becomes of it."""
    await ensure_group(town.log, streams.ENRICH)
    await ask("channels", "define", "boats", "--every", "10m")
    await ask("channels", "define", "morning", "--immediate", "--set", 'bundle=["boats"]')
    await ask("channels", "retire", "boats")

    answer = await ask("doctor")

    assert (answer.status, answer.out) == (
        0,
        "the bundle morning has no channel 'boats' any more: define boats, or morning without it\n",
    )
