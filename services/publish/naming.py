"""The words for what was found in an article, and where they stand; neither once its text was erased."""

from __future__ import annotations

from newsfeed.documents import Mention
from services.publish.candidates import Candidate

MENTION_COUNT = 3
"""How many places in the text a reason names."""

Words = tuple[str | None, tuple[Mention, ...]]


def topic_words(candidate: Candidate, topic_id: str) -> Words:
    """The label of a topic and its first mentions."""
    topics = candidate.enrichment.topics if candidate.document and candidate.enrichment else ()
    for topic in topics:
        if topic.id == topic_id:
            return topic.label, topic.mentions[:MENTION_COUNT]
    return None, ()


def entity_words(candidate: Candidate, entity_id: str) -> Words:
    """The name of an entity and its first mentions."""
    entities = candidate.enrichment.entities if candidate.document and candidate.enrichment else ()
    for entity in entities:
        if entity.id == entity_id:
            return entity.name, entity.mentions[:MENTION_COUNT]
    return None, ()
