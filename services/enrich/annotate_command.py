"""`newsfeed annotate`: an editor's word on what is in an article."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, get_args
from uuid import uuid4

import typer

from newsfeed import vocabulary
from newsfeed.cli import session
from newsfeed.documents import ArticleDocument, EntityType
from newsfeed.errors import NewsfeedError
from newsfeed.eventlog import Append, EventLog
from newsfeed.events import AnnotationCorrected
from newsfeed.readmodel.articles import ArticleState
from newsfeed.readmodel.queries import find
from newsfeed.values import (
    Correction,
    EntityAdded,
    EntityRelinked,
    EntityRemoved,
    EntityRetyped,
    TopicAdded,
    TopicRemoved,
)
from services.enrich.corrections import occurrences
from services.enrich.linking.known import name_of
from services.enrich.linking.naming import local_id

TYPES: tuple[EntityType, ...] = get_args(EntityType)

Many = list[str] | None


class CorrectionInvalid(NewsfeedError):
    """A correction cannot be taken as it was written."""


def annotate(  # noqa: PLR0913, PLR0917 - an option for each kind of correction
    wanted: Annotated[str, typer.Argument(metavar="ID", help="An article: its id, or its seed's path.")],
    add: Annotated[
        Many, typer.Option(help='"TYPE:NAME" or "TYPE:NAME=ID": PER, LOC or ORG, as the text writes it.')
    ] = None,
    remove: Annotated[Many, typer.Option(help="The id of an entity that is not one.")] = None,
    retype: Annotated[Many, typer.Option(help='"ID=TYPE".')] = None,
    relink: Annotated[Many, typer.Option(help='"ID=OTHER": its names stand for another.')] = None,
    topic: Annotated[Many, typer.Option(help="The code of a topic that it is about.")] = None,
    no_topic: Annotated[Many, typer.Option(help="The code of a topic that it is not about.")] = None,
    by: Annotated[str | None, typer.Option(help="A code of who says so.")] = None,
) -> None:
    """Correct the entities and topics of an article; what you say wins over every enrichment."""

    async def answer(log: EventLog) -> AnnotationCorrected:
        state = await find(log, wanted)
        document = await _text(log, state)
        corrections: list[Correction] = [
            *(_added(one, document.text) for one in add or ()),
            *(EntityRemoved(id=_found(state, one)) for one in remove or ()),
            *(_retyped(state, one) for one in retype or ()),
            *(_relinked(state, one) for one in relink or ()),
            *(TopicAdded(id=_topic(one)) for one in topic or ()),
            *(TopicRemoved(id=_topic(one)) for one in no_topic or ()),
        ]
        if not corrections:
            raise CorrectionInvalid("say what to correct: --add, --remove, --retype, --relink, --topic")
        fact = _fact(state, corrections, by)
        await log.append(log.partition_of(state.article_id), [Append(fact)])
        return fact

    fact = session.ask(lambda log, _: answer(log), without_log=1)
    typer.echo(f"{fact.article_id}: {len(fact.corrections)} corrections; enrich takes them up as it runs.")


async def _text(log: EventLog, state: ArticleState) -> ArticleDocument:
    sha256 = state.content_sha256
    texts = await log.articles(log.partition_of(state.article_id), [sha256] if sha256 else [])
    if sha256 not in texts:
        raise CorrectionInvalid(f"the text of {state.article_id} is not there any more")
    return texts[sha256]


def _fact(state: ArticleState, corrections: Iterable[Correction], by: str | None) -> AnnotationCorrected:
    assert state.content_version is not None
    assert state.content_sha256 is not None
    return AnnotationCorrected(
        event_id=uuid4(),
        occurred_at=datetime.now(UTC),
        correlation_id=state.correlation_id,
        article_id=state.article_id,
        version=state.content_version,
        content_sha256=state.content_sha256,
        corrections=tuple(corrections),
        corrected_by=by,
    )


def _added(written: str, text: str) -> EntityAdded:
    """``ORG:NATO``, ``LOC:Georgia=geonames:4197000``; the name must stand in the text, or the id be known."""
    kind, colon, rest = written.partition(":")
    name, _, entity_id = rest.rpartition("=") if "=" in rest else (rest, "", "")
    if not colon or not name.strip():
        raise CorrectionInvalid(f"{written!r} is not TYPE:NAME or TYPE:NAME=ID")
    entity_type = _type(kind)
    mentions = occurrences(text, [name.strip()])
    if not mentions and name_of(entity_id) is None:
        raise CorrectionInvalid(
            f"{name.strip()!r} does not stand in the text, and {entity_id or 'no id'} is known"
        )
    return EntityAdded(
        id=entity_id or local_id(entity_type, name.strip()), type=entity_type, mentions=tuple(mentions)
    )


def _retyped(state: ArticleState, written: str) -> EntityRetyped:
    entity_id, _, kind = written.rpartition("=")
    return EntityRetyped(id=_found(state, entity_id), type=_type(kind))


def _relinked(state: ArticleState, written: str) -> EntityRelinked:
    entity_id, _, other = written.partition("=")
    if ":" not in other:
        raise CorrectionInvalid(f"{written!r} is not ID=OTHER with an id such as wikidata:Q7184")
    return EntityRelinked(id=_found(state, entity_id), to=other)


def _type(written: str) -> EntityType:
    for kind in TYPES:
        if kind == written.strip().upper():
            return kind
    raise CorrectionInvalid(f"{written!r} is no type of entity; known are {', '.join(TYPES)}")


def _found(state: ArticleState, entity_id: str) -> str:
    known = [one.id for one in state.entities]
    if entity_id not in known:
        raise CorrectionInvalid(
            f"{entity_id!r} was not found in the article; it has {', '.join(known) or 'none'}"
        )
    return entity_id


def _topic(written: str) -> str:
    topic_id = written if ":" in written else vocabulary.SCHEME + written
    if not vocabulary.labels(topic_id):
        raise CorrectionInvalid(f"{written!r} is no IPTC Media Topic that we know")
    return topic_id
