"""`newsfeed topics`: a newsroom trains a model of topics on its own labels, and sees how good it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsfeed import vocabulary
from newsfeed.cli import printing, session
from newsfeed.cli.printing import AsJson
from newsfeed.documents import ArticleDocument
from newsfeed.eventlog import EventLog
from newsfeed.readmodel.queries import find
from services.enrich.language import identify
from services.enrich.settings import EnrichSettings
from services.enrich.text import tokenise
from services.enrich.topics import find_topics
from services.enrich.topics.chosen import chosen_model
from services.enrich.topics.labelled import Labelled, LabelsInvalid, read_labels
from services.enrich.topics.scoring import Score, macro_f, score

if TYPE_CHECKING:
    from services.enrich.topics.model import TopicModel

topics = typer.Typer(no_args_is_help=True, help="Teach what articles are about, and test it.")

Labels = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="JSON lines or CSV: text or article_id, topics.")
]

Text = tuple[tuple[str, ...], str]
"""The topics of a text, and the text."""


@topics.command()
def train(
    labels: Labels,
    model: Annotated[Path | None, typer.Option(help="Where to write it, instead of the setting.")] = None,
) -> None:
    """Train a model on labelled texts or articles; enrich uses it from its next start on."""
    from services.enrich.topics.model import TopicModel, learn  # it brings numpy

    target = model or EnrichSettings().topics_model
    texts = _texts(read_labels(labels))
    data = learn([tokenise(text) for _, text in texts], [said for said, _ in texts])
    _write(target, data)
    learnt = TopicModel.of(data)
    left = sorted({topic for said, _ in texts for topic in said} - set(learnt.topics))
    typer.echo(f"{len(texts)} texts taught {len(learnt.topics)} topics; {target} is {learnt.sha256[:12]}")
    if left:
        typer.echo(f"Not learnt, for want of texts with or without them: {', '.join(left)}")
    typer.echo("Enrich uses it when it starts again; `newsfeed re-enrich --dry-run` shows what it changes.")


@topics.command("test")
def show_scores(labels: Labels, as_json: AsJson = False) -> None:
    """Show precision, recall and F of each topic, with the model that enrich would use if there is one.

    A topic above one that was found counts as found.
    """
    settings = EnrichSettings()
    texts = _texts(read_labels(labels))
    model = chosen_model(settings)
    alone = score(_found(texts, None, 0.0))
    both = score(_found(texts, model, settings.enrich_topics_weight)) if model else alone
    if as_json:
        for lexicon, one in zip(alone, both, strict=True):
            printing.print_json(_shown(one) | {"lexicon_f": round(lexicon.f, 3)})
        return
    header = ["topic", "texts", "found", "precision", "recall", "f", "f by lexicon", "label"]
    rows = [[*_shown(one).values(), f"{lex.f:.3f}"] for one, lex in zip(both, alone, strict=True)]
    printing.print_table(header, [[*row[:1], *row[2:], row[1]] for row in rows])
    used = f"model {model.sha256[:12]} and lexicon" if model else "lexicon"
    typer.echo(f"\nmacro-F {macro_f(both):.3f} by {used}, {macro_f(alone):.3f} by lexicon alone")


def _shown(one: Score) -> dict[str, object]:
    return {
        "topic": one.topic,
        "label": vocabulary.label(one.topic),
        "texts": one.gold_count,
        "found": one.found_count,
        "precision": round(one.precision, 3),
        "recall": round(one.recall, 3),
        "f": round(one.f, 3),
    }


def _found(
    texts: Sequence[Text], model: TopicModel | None, weight: float
) -> list[tuple[tuple[str, ...], set[str]]]:
    """What is right and what was found, topics above included, text by text."""
    pairs = []
    for said, text in texts:
        tokens = tokenise(text)
        lead_end = text.find("\n") if "\n" in text else len(text)
        modelled = model.scores(tokens) if model else None
        found = find_topics(tokens, identify(text, None).code, lead_end, (), modelled, weight)
        pairs.append((said, {one for topic in found for one in (topic.id, *vocabulary.ancestors(topic.id))}))
    return pairs


def _texts(labelled: Sequence[Labelled]) -> list[Text]:
    """All texts, those of articles from the log, which is only opened for them."""
    if not any(one.article_id for one in labelled):
        return [(one.topics, one.text or "") for one in labelled]

    async def resolved(log: EventLog) -> list[Text]:
        return [(one.topics, one.text or (await _article(log, one)).text) for one in labelled]

    return session.ask(lambda log, _: resolved(log), without_log=1)


async def _article(log: EventLog, one: Labelled) -> ArticleDocument:
    state = await find(log, one.article_id or "")
    sha256 = state.content_sha256
    known = await log.articles(log.partition_of(state.article_id), [sha256] if sha256 else [])
    if sha256 not in known:
        raise LabelsInvalid(f"the text of {state.article_id} is not there any more")
    return known[sha256]


def _write(target: Path, data: bytes) -> None:
    """All or nothing: enrich may be starting."""
    target.parent.mkdir(parents=True, exist_ok=True)
    waiting = target.with_name(target.name + ".new")
    waiting.write_bytes(data)
    waiting.replace(target)
