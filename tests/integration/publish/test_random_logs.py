"""Whatever a log holds and whenever it is looked at: windows are contiguous, readers know what stands."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest

from newsfeed.bundles import assembled
from newsfeed.channels import Channel
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.testing.channels import digests
from newsfeed.testing.timeline import Timeline
from tests.integration.publish.narrating import Narrator

ARTICLES = "abcd"
VERBS = ["article", "article", "ingest", "enrich", "enrich", "withdraw", "publish", "restart"]
STEPS = 25
CHANNELS: list[Mapping[str, Any]] = [
    {"every_seconds": 10},
    {"every_seconds": 10, "max_items": 2},
    {"every_seconds": 10, "languages": ["en"]},
    {"every_seconds": 20, "min_items": 3, "max_wait_seconds": 40},
    {"immediate": True},
    {"cron": "* * * * *", "missed": "each", "retractions": "immediate"},
    {"every_seconds": 10, "bundle": ["english", "all"], "max_items": 2},
]
MEMBERS: list[Mapping[str, Any]] = [
    {"name": "english", "title": "English", "immediate": True, "languages": ["en"]},
    {"name": "all", "title": "All", "immediate": True},
]


class Story:
    """A random story in the words of a narrator, and what stands at its end."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.steps = list[str]()
        self.waiting = set[str]()
        """Articles whose newest text is not enriched."""
        self.newest: dict[str, int] = {}
        self.enriched: dict[str, int] = {}
        """The newest version that was enriched, by article; withdrawn ones are not in it."""
        self.languages: dict[str, str] = {}
        self.texts: dict[str, tuple[int, str]] = {}
        """The version of the newest text that stands, and its language."""
        second = 1.0
        for _ in range(STEPS):
            second += self.dice.choice([0.2, 3, 9, 31])
            self._add(second)
        self.steps.append("1:00:00 publish")

    @property
    def text(self) -> str:
        return ";".join(self.steps)

    def _add(self, second: float) -> None:
        """One step more, if it can happen."""
        one, verb = self.dice.choice(ARTICLES), self.dice.choice(VERBS)
        language = self.dice.choice(["en", "en", "de"])
        if verb in {"article", "ingest"}:
            self.newest[one] = self.newest.get(one, 0) + 1
            self.texts[one] = self.newest[one], language
            self.steps.append(f"{second} {verb} {one} language={language}")
        elif verb in {"publish", "restart"} or one in (self.waiting if verb == "enrich" else self.newest):
            self.steps.append(f"{second} {verb} {one}")
        self._stands(verb, one)

    def _stands(self, verb: str, one: str) -> None:
        """What is true after a step."""
        if verb == "ingest":
            self.waiting.add(one)
        elif verb in {"article", "enrich"}:
            self.waiting.discard(one)
        if verb == "withdraw" and one in self.newest:
            self.newest[one] += 1
            self.texts.pop(one, None)
            self.enriched.pop(one, None)
        elif verb in {"article", "enrich"} and one in self.texts:
            self.enriched[one], self.languages[one] = self.texts[one]


def known(told: list[Any]) -> dict[str, int]:
    """Which versions somebody holds who read every digest; fails where one contradicts another."""
    holds, digest_of = dict[str, int](), dict[str, int]()
    for number, digest in enumerate(told, start=1):
        assert digest["number"] == number
        for notice in digest["notices"]:
            one = notice["article_id"]
            assert notice["corrects"] == {"digest": digest_of[one], "version": holds.pop(one)}
            if notice["kind"] == "correction":
                holds[one] = notice["version"]
            digest_of[one] = number
        items = {item["article_id"]: item["version"] for item in digest["items"]}
        assert not items.keys() & holds.keys()
        assert len(items) == len(digest["items"])
        holds |= items
        digest_of |= dict.fromkeys(items, number)
    return holds


async def assert_contiguous(log: EventLog) -> None:
    """Each window begins where the one before it ended; the last one ends with the log."""
    ends = dict.fromkeys(range(log.manifest.partitions), 0)
    async for _, fact in ChannelLog(log.redis, "latest").facts():
        assert {one.partition: one.after for one in fact.window.ranges} == ends
        ends = {one.partition: one.through for one in fact.window.ranges}
    assert [*ends.values()] == await log.tails()


@pytest.mark.by_turns
@pytest.mark.no_cover
@pytest.mark.parametrize("runs", [18, pytest.param(1000, marks=pytest.mark.soak)])
async def test_of_random_logs_readers_know_what_stands(redis: Client, runs: int) -> None:
    """E1: each article that belongs to the channel and stands is told, once, and in its newest version."""
    for seed in range(runs):
        await redis.flushall()
        story, fields = Story(seed), CHANNELS[seed % len(CHANNELS)]
        defined = [{"name": "latest", "title": "Latest", **fields}, *MEMBERS]
        channel = assembled(map(Channel.model_validate, defined))["latest"]
        log = EventLog(redis, await open_manifest(redis, 3))
        await Narrator(Timeline(log), channel).tell(story.text)

        holds = known(await digests(redis, "latest"))
        wanted = channel.languages or ("en", "de")
        hidden = {one for one in story.enriched if story.languages[one] not in wanted}
        assert holds.keys() <= story.enriched.keys(), f"log {seed}: {story.text}"
        assert holds == {one: story.enriched[one] for one in holds}, f"log {seed}: {story.text}"
        assert story.enriched.keys() - holds.keys() <= hidden, f"log {seed}: {story.text}"
        await assert_contiguous(log)
