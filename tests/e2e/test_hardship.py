"""Killed programs, a lost Redis, poison in the log: nothing is lost and nothing comes twice."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import connect
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.settings import Settings
from newsfeed.testing.facts import append_raw
from newsfeed.testing.place import Place, reports

CHANNELS = ("latest", "world")


def in_digests(place: Place, channel: str) -> Counter[str]:
    """How often each article stands in the digests of a channel."""
    count: Counter[str] = Counter()
    for digest in place.digests(channel):
        told = (one for item in digest["items"] for one in (item, *item["also"]))
        count.update(one["article_id"] for one in told)
        count.update(digest["more"])
    return count


def assert_all_is_well(place: Place, article_count: int) -> None:
    """Every article ingested once, enriched once, in exactly one digest of a channel that carries it."""
    events = Counter((event["type"], event["data"]["article_id"]) for event in place.listing("events"))
    assert set(events.values()) == {1}
    assert Counter(kind for kind, _ in events) == {
        "article.ingested": article_count,
        "article.enriched": article_count,
    }
    place.newsfeed("verify")
    articles = {article["article_id"] for article in place.listing("articles")}
    assert len(articles) == article_count
    assert in_digests(place, "latest") == Counter(articles)
    assert set(in_digests(place, "world").values()) <= {1}


def kill_some(up: subprocess.Popen[bytes], kills: int, between_seconds: tuple[float, float]) -> int:
    """Kill -9 a random program, again and again, as long as the service runs; how many were hit."""
    chance = random.Random(7)
    hit = 0
    while hit < kills and up.poll() is None:
        time.sleep(chance.uniform(*between_seconds))
        children = subprocess.run(
            ["/usr/bin/pgrep", "-P", str(up.pid)], capture_output=True, text=True, check=False
        )
        programs = [int(pid) for pid in children.stdout.split() if "faststream" in _command(int(pid))]
        if programs:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(programs), signal.SIGKILL)
                hit += 1
    return hit


def _command(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


@pytest.mark.timeout(300)
def test_killed_programs_lose_and_double_nothing(place: Place) -> None:
    """The short form of the soak test below."""
    place.environment["NEWSFEED_ENRICH_PROCESSES"] = "2"
    place.write(reports(0, 300))
    up = place.start("newsfeed", "up", "--drain", "--seeds", "seeds")

    assert kill_some(up, 5, (0.5, 2.0)) == 5

    assert up.wait() == 0
    assert_all_is_well(place, 300)


@pytest.mark.soak
def test_twenty_kills_during_five_thousand_seeds(place: Place) -> None:
    """Statement 4 of the first issue."""
    place.environment["NEWSFEED_ENRICH_PROCESSES"] = "2"
    place.write(reports(0, 2000))
    up = place.start("newsfeed", "up", "--seeds", "seeds")
    for part in range(2000, 5000, 300):
        assert kill_some(up, 2, (0.5, 3.0)) == 2
        place.write(reports(part, part + 300))
    up.send_signal(signal.SIGINT)
    assert up.wait() == 0

    place.drain()

    assert_all_is_well(place, 5000)


def redis_comes_and_goes(place: Place, seconds: float) -> int:
    """Redis is there last, is stopped in the middle of the work and started again; nobody helps the rest."""
    redis = EmbeddedRedis(place.folder / "elsewhere")
    place.environment["NEWSFEED_REDIS_URL"] = redis.url
    place.write(reports(0, 200))
    up = place.start("newsfeed", "up", "--drain", "--seeds", "seeds")
    await_logged(place, "publish.redis_awaited")
    with redis:
        await_logged(place, "ingest.seeds_taken")
        os.kill(redis.pid or 0, signal.SIGTERM)
        place.write(reports(200, 300))
        time.sleep(seconds)
        redis.ensure_running()

        assert up.wait() == 0
        assert_all_is_well(place, 300)
        return up.returncode


def await_logged(place: Place, event: str) -> None:
    """Return as soon as the service has logged an event."""
    while event not in (place.folder / "up.log").read_text():
        time.sleep(0.05)


@pytest.mark.timeout(300)
def test_redis_may_come_last_and_be_away_for_a_moment(place: Place) -> None:
    """Machines start in any order: whoever is first waits. The short form of the soak test below."""
    assert redis_comes_and_goes(place, 3) == 0


@pytest.mark.soak
def test_redis_away_for_half_a_minute(place: Place) -> None:
    """Statement 5 of the first issue."""
    assert redis_comes_and_goes(place, 30) == 0


@pytest.mark.timeout(300)
def test_a_poison_event_is_set_aside_and_brought_back(place: Place) -> None:
    """`status` shows it, the rest goes on, and `requeue` gives it another chance."""

    async def plant() -> None:
        with EmbeddedRedis(place.folder / "var") as embedded:
            redis = connect(embedded.url)
            log = EventLog(redis, await open_manifest(redis, Settings().partitions))
            await append_raw(log, "poison", '{"type":"article.ingested","nonsense":true}')
            await redis.aclose()

    asyncio.run(plant())
    place.write(reports(0, 10))
    place.drain(status=1)

    assert len(place.listing("articles")) == 10
    letters = {letter["group"]: letter for letter in place.listing("dead-letters", "list")}
    assert {letter["reason"] for letter in letters.values()} == {"event_unreadable"}
    assert letters.keys() == {"enrich", "articles@1"}
    assert "dead" in place.newsfeed("status", status=1)
    place.newsfeed("dead-letters", "requeue", letters["enrich"]["letter"])
    assert [letter["group"] for letter in place.listing("dead-letters", "list")] == ["articles@1"]
    place.drain(status=1)
    assert len(place.listing("dead-letters", "list")) == 2
