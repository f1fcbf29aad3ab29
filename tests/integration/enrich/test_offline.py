"""Nothing is looked up while articles are enriched."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
import yaml

from newsfeed.documents import ArticleDocument
from newsfeed.eventlog import EventLog
from newsfeed.events import ArticleEnriched
from newsfeed.redis_server import EmbeddedRedis
from services.enrich.story_memory import MemoryIndex
from tests.integration.enrich.newsroom import Newsroom

SCRIPT = Path(__file__).with_name("offline.py")
GOLD = Path(__file__).parents[2] / "unit" / "enrich" / "gold" / "stories.yaml"


def reports() -> dict[str, ArticleDocument]:
    """An article in each of some languages, of our own gold set."""
    told = yaml.safe_load(GOLD.read_text(encoding="utf-8"))["tune"]
    return {one["language"]: ArticleDocument(title=one["title"], body=one["body"]) for one in told}


async def offline(server: EmbeddedRedis, kind: str) -> str:
    """Enrich all there is; what the process complains of."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(SCRIPT), server.url, kind),
        stderr=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    _, complaints = await process.communicate()
    return complaints.decode()


@pytest.mark.by_turns
async def test_articles_are_enriched_without_a_network(server: EmbeddedRedis, log: EventLog) -> None:
    """In several languages, with every part, its stories in Redis; and it would be noticed."""
    newsroom, texts = Newsroom(log, MemoryIndex()), reports()
    for language, text in texts.items():
        await newsroom.arrive(language, text)

    assert "PermissionError: socket.getaddrinfo (443" in await offline(server, "curious")
    assert await offline(server, "whole") == ""

    found = [
        entry.event
        for partition in range(2)
        async for entry in log.read(partition)
        if isinstance(entry.event, ArticleEnriched)
    ]
    assert {one.article_id for one in found} == texts.keys() > {"en", "fr"}
    assert all(one.story_id for one in found)
    assert {one.article_id for one in found if one.entities} >= {"en", "es", "fr"}
