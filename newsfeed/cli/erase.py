"""`newsfeed erase`: take the texts of articles down for good, everywhere but in the files they came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from newsfeed.cli.printing import AsJson, print_json, shown
from newsfeed.cli.session import ask
from newsfeed.errors import LogConflict, NewsfeedError
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.erasure import (
    Shared,
    Texts,
    erase,
    forget_on_disk,
    keep_out,
    redact_all,
    shared_with,
    texts_of,
)
from newsfeed.eventlog.redaction import Redacted
from newsfeed.readmodel.queries import find_all
from newsfeed.settings import Settings


class CopiesRemain(NewsfeedError):
    """The same text stands in other articles."""

    def __init__(self, copies: Sequence[str]) -> None:
        super().__init__(
            f"the same text stands in {', '.join(copies)}: nothing was erased; "
            "name these articles, too, or add --copies"
        )


@dataclass(frozen=True, slots=True)
class Done:
    """What was erased, digests that were redacted, and what Redis would not do."""

    erased: Sequence[Texts]
    digests: Sequence[Redacted]
    refused: Sequence[str]


def erase_articles(
    wanted: Annotated[
        list[str], typer.Argument(metavar="ARTICLE...", help="Ids, their beginnings, or seeds.")
    ],
    reason: Annotated[
        str, typer.Option(help="Kept for ever in the log, such as the number of an order: no names, no text.")
    ],
    copies: Annotated[bool, typer.Option("--copies", help="Other articles with the same text, too.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be erased.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase texts, what was found in them, and their lines in old digests; the log keeps the fact."""

    async def answer(log: EventLog, _settings: Settings) -> Done:
        texts, shared = await _chosen(log, wanted, copies=copies)
        if dry_run:
            return Done(texts, (), ())
        for one in texts:
            await _erase(log, one, reason, shared)
        await keep_out(log, {sha256 for one in texts for sha256 in one.contents})
        digests = await redact_all(log.redis, {one.article_id for one in texts})
        return Done(texts, digests, await forget_on_disk(log.redis))

    done = ask(answer, without_log=1)
    if as_json:
        _print_objects(done)
    else:
        _print(done, "would be erased" if dry_run else "erased")
    if done.refused:
        raise typer.Exit(1)


async def _chosen(log: EventLog, wanted: Sequence[str], *, copies: bool) -> tuple[list[Texts], Shared]:
    """The articles that are meant, all that share a text with them included; raises :class:`CopiesRemain`."""
    ids = {state.article_id for one in wanted for state in await find_all(log, one)}
    while True:
        texts = [await texts_of(log, article_id) for article_id in sorted(ids)]
        shared = await shared_with(log, texts)
        if not shared.copies:
            return texts, shared
        if not copies:
            raise CopiesRemain(sorted(shared.copies))
        ids |= shared.copies.keys()


async def _erase(log: EventLog, texts: Texts, reason: str, shared: Shared) -> None:
    """Append the fact, and again if a new version of the article came in between."""
    while True:
        try:
            await erase(log, texts, reason, datetime.now(UTC), kept=shared.enrichments)
        except LogConflict:
            texts = await texts_of(log, texts.article_id)
        else:
            return


def _print(done: Done, what: str) -> None:
    for one in done.erased:
        count = len(one.contents)
        typer.echo(f"{what}: {one.article_id}, {count} {'text' if count == 1 else 'texts'}")
        for seed in one.seeds:
            typer.echo(f"  its file may still be there: {shown(seed)}")
    for digest in done.digests:
        typer.echo(f"redacted: digest {digest.number} of {digest.channel}")
    for sentence in done.refused:
        typer.echo(f"newsfeed: {sentence}", err=True)


def _print_objects(done: Done) -> None:
    for one in done.erased:
        print_json({"article_id": one.article_id, "content_sha256s": one.contents, "seeds": one.seeds})
    for digest in done.digests:
        print_json({"channel": digest.channel, "number": digest.number})
    for sentence in done.refused:
        print_json({"refused": sentence})
