"""What an enricher would say of articles that another one, or an older version of it, has been through."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, field

from newsfeed.bundles import Bundle
from newsfeed.channels import Channel
from newsfeed.documents import EnrichmentDocument
from newsfeed.eventlog import Append, EventLog
from newsfeed.queries.clauses import Clause, leaves
from newsfeed.readmodel.articles import ArticleState
from newsfeed.vocabulary import ancestors
from services.enrich.corrections import standing
from services.enrich.deciding import decisions_in
from services.enrich.deriving import enriched, enrichment, texts_of
from services.enrich.enricher import Enricher


@dataclass(frozen=True, slots=True)
class Change:
    """What would become of one article; ids of entities, topics and languages that came or went."""

    state: ArticleState
    append: Append
    came: frozenset[str]
    went: frozenset[str]

    @property
    def is_seen(self) -> bool:
        """Whether a reader or a channel could tell the difference."""
        return bool(self.came or self.went)


def changed(state: ArticleState, found: EnrichmentDocument) -> tuple[frozenset[str], frozenset[str]]:
    """What is in the new enrichment alone, and what in the old one alone."""
    before = {one.id for one in state.entities} | {one.id for one in state.topics} | {str(state.language)}
    after = {one.id for one in found.entities} | {one.id for one in found.topics} | {found.language.code}
    return frozenset(after - before), frozenset(before - after)


async def changes(
    log: EventLog, enricher: Enricher, states: Iterable[ArticleState]
) -> AsyncGenerator[Change, None]:
    """What would become of each article that has a text, in the order of the states; nothing is written."""
    for state in states:
        history = await log.history(state.article_id)
        held = standing(history, state.position)
        if held is None:
            continue
        partition = log.partition_of(state.article_id)
        documents = await log.articles(partition, texts_of(held))
        found = enrichment(enricher, held, documents)
        if found is None:
            continue
        cause = held.corrections[-1] if held.corrections else held.version
        came, went = changed(state, found)
        decision = decisions_in(history).get(held.version.version)
        yield Change(state, Append(enriched(cause, held, found, enricher, decision), [found]), came, went)


@dataclass(slots=True)
class Tally:
    """What many changes come to."""

    article_count: int = 0
    changed_count: int = 0
    came: Counter[str] = field(default_factory=Counter)
    went: Counter[str] = field(default_factory=Counter)

    def add(self, change: Change) -> None:
        """Count one more."""
        self.article_count += 1
        self.changed_count += change.is_seen
        self.came.update(change.came)
        self.went.update(change.went)

    def affected(self, channels: Sequence[Channel]) -> list[str]:
        """The channels that ask for something that came or went, by name."""
        moved = self.came.keys() | self.went.keys()
        moved |= {above for one in moved for above in ancestors(one)}
        return [one.name for one in channels if moved & _asked(one)]


def _asked(channel: Channel) -> set[str]:
    """The topics, entities, places by id, and languages that a channel names."""
    query = channel.parsed_query
    clauses = (leaf for leaf in leaves(query) if isinstance(leaf, Clause)) if query else ()
    asked = {*channel.topics, *channel.entities, *channel.languages, *(one.value for one in clauses)}
    members = channel.members if isinstance(channel, Bundle) else ()
    return asked.union(*map(_asked, members))
