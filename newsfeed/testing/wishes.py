"""What the writers of the state machine wish for, and the events that this comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from hypothesis import strategies as st

from newsfeed.documents import EnrichmentDocument, Language
from newsfeed.eventlog import Append
from newsfeed.eventlog.expected import ANY, EXISTS, NO_STREAM, ExpectedVersion
from newsfeed.events import ArticleIngested, ArticleRevised
from newsfeed.testing.facts import document, enrichment_append, erased_append, rejected_append, version_append
from newsfeed.testing.model import Model

Kind = Literal["next", "stale", "ahead", "any", "exists", "no_stream", "unversioned", "erase"]

ARTICLES = ("a", "b", "c")
SUBJECTS = (*ARTICLES, rejected_append().event.subject)
"""All in partition 0."""

EXPECTED: Mapping[Kind, ExpectedVersion] = {"any": ANY, "exists": EXISTS, "no_stream": NO_STREAM}
"""What the next version expects, if not the one before it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Something to append; ``taste`` tells events of the same version, and their texts, apart."""

    article_id: str
    kind: Kind
    taste: int


wishes = st.builds(
    Wish,
    article_id=st.sampled_from(ARTICLES),
    kind=st.sampled_from(get_args(Kind)),
    taste=st.integers(0, 2),
)


def made(model: Model, wanted: Sequence[Wish]) -> list[Append]:
    """The events that some wishes come to, each as if those before it had been granted."""
    appends: list[Append] = []
    for wish in wanted:
        appends.append(_made(model, wish))
        model = model.commit(appends[-1:])[1]
    return appends


def _made(model: Model, wish: Wish) -> Append:
    article_id, version = wish.article_id, model.head(wish.article_id)[0]
    text = document(body=f"Of taste {wish.taste}.")
    match wish.kind:
        case "stale":
            return version_append(article_id, max(1, version - wish.taste), text)
        case "ahead":
            return version_append(article_id, version + 2, text)
        case "unversioned":
            return rejected_append(f"code_{wish.taste}")
        case "erase":
            return erased_append(article_id, version + 1, text.sha256)
    return replace(version_append(article_id, version + 1, text), expected=EXPECTED.get(wish.kind))


def derived_from(version: ArticleIngested | ArticleRevised) -> Append:
    """What a handler makes of a version; its document is like no other."""
    language = Language(code=f"x{version.position}", confidence=1, method="none")
    return replace(enrichment_append(version), documents=[EnrichmentDocument(language=language)])


def version_positions(model: Model, positions: Sequence[int]) -> list[int]:
    """Which positions hold a version with a text: what a handler reacts to."""
    return [
        position for position in positions if position > model.trimmed and model.entries[position - 1].is_text
    ]
