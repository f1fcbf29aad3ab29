"""What a reading changes: which events a seed is worth, given what the log holds. A pure decision."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
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
    SeedMoved,
    SeedRejected,
    VersionEvent,
)
from newsfeed.values import Seed
from services.ingest.article import Article, Reading, Rejection
from services.ingest.paths import source_of

WIRE = "wire_"
"""How the reason begins when its source took an article back by wire; the status follows."""

SEED_DELETED = "seed_deleted"
"""Why an article was withdrawn whose seed is gone."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A seed as it arrived: whose it is, when it was read, and the id that follows it everywhere.

    ``home`` is the path by which its articles are known: where the seed was first seen, if it was
    moved since; None stands for the path that it has.
    """

    seed: Seed
    source_id: str
    read_at: datetime
    home: str | None = None
    correlation_id: UUID = field(init=False)
    """One id from these bytes under this path to every digest that carries them."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "correlation_id", derive_id("seed", self.seed.path, self.seed.sha256))


def article_id(arrival: Arrival, article: Article, index: int) -> str:
    """The identity of an article: its own id within its folder, else the path of its seed."""
    home = arrival.home or arrival.seed.path
    local = article.local_id or f"path:{home}#{article.place or index}"
    return str(derive_id("article", source_of(home), local))


def identified(arrival: Arrival, reading: Reading) -> dict[str, Article]:
    """The articles of a reading by identity; of two with the same one, the later."""
    return {article_id(arrival, article, index): article for index, article in enumerate(reading.articles)}


@dataclass(slots=True)
class Decision:
    """What a reading comes to: what is appended, which articles wait until when, and which are too old.

    ``unmatched`` are those that it takes back and that nobody knows.
    """

    appends: list[Append] = field(default_factory=list)
    held: dict[str, datetime] = field(default_factory=dict)
    stale: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)


def decide(
    arrival: Arrival,
    reading: Reading,
    articles: Mapping[str, Article],
    known: Mapping[str, VersionEvent],
    held: Collection[str] = (),
) -> Decision:
    """What becomes of each article; nothing of one that the log already holds as it is.

    A kill of an article that the log has never seen changes nothing, unless it is among those that are
    ``held``: the log tells of it then, so that it stays killed when only the log remembers.
    """
    decision = Decision()
    for identity, article in articles.items():
        newest = known.get(identity)
        if article.status != "usable" and newest is None and identity not in held:
            decision.unmatched += [identity] if article.status == "canceled" else []
        elif article.status != "usable":
            decision.appends += _withdrawn(arrival, identity, article, newest)
        else:
            _decide_usable(decision, arrival, reading, identity, article, newest)
    return decision


def _decide_usable(
    decision: Decision,
    arrival: Arrival,
    reading: Reading,
    identity: str,
    article: Article,
    newest: VersionEvent | None,
) -> None:
    if newest and _is_known(newest, article.document.sha256):
        return
    if newest and is_stale(arrival, article, newest):
        decision.stale.append(identity)
    elif article.embargo_until and article.embargo_until > arrival.read_at:
        decision.held[identity] = article.embargo_until
    else:
        decision.appends.append(_readable(arrival, reading, identity, article, newest))


def is_stale(arrival: Arrival, article: Article, newest: VersionEvent) -> bool:
    """Whether the document is older than what the log holds: by its own version, else by its own time.

    What its source took back does not come back from a file that was saved before that of the kill,
    unless the document says that it is newer.
    """
    if isinstance(newest, ArticleErased):
        return False
    ours, theirs = _age(article.revision, newest.source_version, article.updated_at, newest.updated_at)
    if ours != theirs:
        return ours < theirs
    is_killed = isinstance(newest, ArticleWithdrawn) and newest.reason.startswith(WIRE)
    return is_killed and arrival.seed.modified_at < newest.seed.modified_at


def _age(
    ours: str | None, theirs: str | None, our_time: datetime | None, their_time: datetime | None
) -> tuple[float, float]:
    """Two versions as numbers that can be compared: by number or else by time where both have one."""
    if ours and theirs and ours.isdecimal() and theirs.isdecimal():
        return int(ours), int(theirs)
    if our_time and their_time:
        return our_time.timestamp(), their_time.timestamp()
    return 0, 0


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
        "source_version": article.revision,
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
) -> list[Append]:
    """A kill of an article that is withdrawn already changes nothing."""
    if isinstance(newest, ArticleWithdrawn | ArticleErased):
        return []
    version = newest.version + 1 if newest else 1
    event = ArticleWithdrawn(
        event_id=derive_id("version", identity, version, article.status),
        occurred_at=arrival.read_at,
        correlation_id=arrival.correlation_id,
        causation_id=newest.event_id if newest else None,
        article_id=identity,
        version=version,
        source_id=arrival.source_id,
        seed=arrival.seed,
        reason=f"{WIRE}{article.status}",
        source_version=article.revision,
        updated_at=article.updated_at,
    )
    return [Append(event)]


def deleted(path: str, newest: VersionEvent, deleted_at: datetime) -> Append | None:
    """Its seed was deleted, and the source says that this withdraws the article."""
    if isinstance(newest, ArticleWithdrawn | ArticleErased):
        return None
    version = newest.version + 1
    event = ArticleWithdrawn(
        event_id=derive_id("version", newest.article_id, version, SEED_DELETED),
        occurred_at=deleted_at,
        correlation_id=newest.correlation_id,
        causation_id=newest.event_id,
        article_id=newest.article_id,
        version=version,
        source_id=newest.source_id,
        seed=newest.seed.model_copy(update={"path": path}),
        reason=SEED_DELETED,
    )
    return Append(event)


def moved(arrival: Arrival, from_path: str, look: tuple[int, ...], newest: VersionEvent) -> Append:
    """The seed got another name; ``look`` tells this time from another with the same two names."""
    seed = arrival.seed
    event = SeedMoved(
        event_id=derive_id("moved", newest.article_id, from_path, seed.path, seed.sha256, *look),
        occurred_at=arrival.read_at,
        correlation_id=newest.correlation_id,
        causation_id=newest.event_id,
        article_id=newest.article_id,
        version=newest.version,
        seed=seed,
        from_path=from_path,
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
