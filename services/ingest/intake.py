"""What a reading changes: which events a seed is worth, given what the log holds. A pure decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from newsfeed.envelope import derive_id
from newsfeed.eventlog import Append
from newsfeed.events import (
    ArticleDuplicated,
    ArticleErased,
    ArticleIngested,
    ArticleRevised,
    ArticleWithdrawn,
    SeedRejected,
    VersionEvent,
)
from newsfeed.values import Seed
from services.ingest.article import Article, Reading, Rejection


@dataclass(frozen=True, slots=True)
class Arrival:
    """A seed as it arrived: whose it is, when it was read, and the id that follows it everywhere."""

    seed: Seed
    source_id: str
    read_at: datetime

    @property
    def correlation_id(self) -> UUID:
        """One id from these bytes under this path to every digest that carries them."""
        return derive_id("seed", self.seed.path, self.seed.sha256)


def article_id(arrival: Arrival, article: Article, index: int) -> str:
    """The identity of an article: its own id within its source, else the path of its seed."""
    local = article.local_id or f"path:{arrival.seed.path}#{article.place or index}"
    return str(derive_id("article", arrival.source_id, local))


def identified(arrival: Arrival, reading: Reading) -> dict[str, Article]:
    """The articles of a reading by identity; of two with the same one, the later."""
    return {article_id(arrival, article, index): article for index, article in enumerate(reading.articles)}


def decide(
    arrival: Arrival, reading: Reading, articles: Mapping[str, Article], known: Mapping[str, VersionEvent]
) -> list[Append]:
    """The events of a reading; none for an article that the log already holds as it is."""
    decided = (
        _decide_one(arrival, reading, identity, article, known.get(identity))
        for identity, article in articles.items()
    )
    return [append for append in decided if append]


def _decide_one(
    arrival: Arrival, reading: Reading, identity: str, article: Article, newest: VersionEvent | None
) -> Append | None:
    if article.status != "usable":
        return _withdrawn(arrival, identity, article, newest)
    if newest is None:
        return _readable(arrival, reading, identity, article, None)
    if _is_known(newest, article.document.sha256):
        return None
    return _readable(arrival, reading, identity, article, newest)


def _is_known(newest: VersionEvent, sha256: str) -> bool:
    """Whether the article has this text now, or had it until it was erased: an erased text stays away."""
    match newest:
        case ArticleWithdrawn():
            return False
        case ArticleErased():
            return sha256 in newest.content_sha256s
        case _:
            return newest.content_sha256 == sha256


def _readable(
    arrival: Arrival, reading: Reading, identity: str, article: Article, newest: VersionEvent | None
) -> Append:
    version = newest.version + 1 if newest else 1
    previous = getattr(newest, "content_sha256", None)
    fields = {
        "event_id": derive_id("version", identity, version, article.document.sha256),
        "occurred_at": arrival.read_at,
        "correlation_id": arrival.correlation_id,
        "causation_id": newest.event_id if newest else None,
        "article_id": identity,
        "version": version,
        "content_sha256": article.document.sha256,
        "source_id": arrival.source_id,
        "seed": arrival.seed,
        "format": reading.format,
        "parser_version": reading.parser_version,
        "charset": reading.charset,
        "language": article.language,
        "published_at": article.published_at,
        "updated_at": article.updated_at,
        "urgency": article.urgency,
        "topics": article.topics,
        "title_derived": article.document.title_derived,
        "character_count": len(article.document.text),
        "warnings": article.warnings,
    }
    if newest is None:
        return Append(ArticleIngested.model_validate(fields), [article.document])
    revised = ArticleRevised.model_validate({**fields, "previous_content_sha256": previous})
    return Append(revised, [article.document])


def _withdrawn(
    arrival: Arrival, identity: str, article: Article, newest: VersionEvent | None
) -> Append | None:
    """A kill of an article that the log has never seen, or that is withdrawn already, changes nothing."""
    if newest is None or isinstance(newest, ArticleWithdrawn | ArticleErased):
        return None
    version = newest.version + 1
    event = ArticleWithdrawn(
        event_id=derive_id("version", identity, version, article.status),
        occurred_at=arrival.read_at,
        correlation_id=arrival.correlation_id,
        causation_id=newest.event_id,
        article_id=identity,
        version=version,
        source_id=arrival.source_id,
        seed=arrival.seed,
        reason=f"wire_{article.status}",
    )
    return Append(event)


def duplicated(arrival: Arrival, first_path: str, original: VersionEvent) -> Append:
    """The seed holds the very bytes of an earlier one: the fact names both."""
    event = ArticleDuplicated(
        event_id=derive_id("duplicate", original.article_id, arrival.seed.path, arrival.seed.sha256),
        occurred_at=arrival.read_at,
        correlation_id=arrival.correlation_id,
        causation_id=original.event_id,
        article_id=original.article_id,
        version=original.version,
        seed=arrival.seed,
        first_path=first_path,
    )
    return Append(event)


def rejected(arrival: Arrival, rejection: Rejection) -> Append:
    """The seed cannot be read as news: the fact says why."""
    event = SeedRejected(
        event_id=derive_id("rejection", arrival.seed.path, arrival.seed.sha256, rejection.reason),
        occurred_at=arrival.read_at,
        correlation_id=arrival.correlation_id,
        source_id=arrival.source_id,
        seed=arrival.seed,
        code=rejection.reason,
        detail=rejection.detail,
    )
    return Append(event)


def by_partition(appends: Iterable[Append], partition_of: Callable[[str], int]) -> dict[int, list[Append]]:
    """The appends of each partition, in order."""
    grouped: dict[int, list[Append]] = {}
    for append in appends:
        grouped.setdefault(partition_of(append.event.subject), []).append(append)
    return grouped
