"""A program whose engine cannot be used says so at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsfeed import streams
from newsfeed.documents import ArticleDocument
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.groups import backlog
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.runtime import EXIT_FATAL
from newsfeed.testing.facts import version_append
from services.enrich.app import create
from services.enrich.settings import EnrichSettings
from tests.integration.enrich.engines.sentences import SENTENCES


@pytest.mark.by_turns
@pytest.mark.parametrize("engine", ["spacy:fr_core_news_nowhere", "gliner:no/where"])
async def test_it_ends_before_it_takes_an_article(
    server: EmbeddedRedis, log: EventLog, tmp_path: Path, engine: str
) -> None:
    """Article after article would be a dead letter otherwise."""
    text = ArticleDocument(title="Reuters", body=SENTENCES[0][0])
    append = version_append("first", 1, text)
    partition = log.partition_of(append.event.subject)
    await log.append(partition, [append])
    settings = EnrichSettings(redis_url=server.url, var=tmp_path, partitions=2, enrich_engine=engine)

    with pytest.raises(SystemExit) as ended:
        await create(settings).run()

    assert ended.value.code == EXIT_FATAL
    assert f"EngineUnavailable: the engine {engine.partition(':')[0]}" in (
        tmp_path / "log" / "enrich.jsonl"
    ).read_text(encoding="utf-8")
    assert await backlog(log, streams.ENRICH, partition) is None
