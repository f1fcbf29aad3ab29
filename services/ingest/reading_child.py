"""The process that reads seeds: ``python -m services.ingest.reading_child``, spoken to by the reader.

It answers two frames on standard input with one on standard output until the input ends, and while it
reads, empty frames say that it goes on. What parsers print goes to standard error.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path
from traceback import extract_tb
from typing import BinaryIO

import orjson
from pydantic import BaseModel

from services.ingest import child_guard
from services.ingest.article import Article, Reading, ReadingHint, Rejection
from services.ingest.formats import FORMATS
from services.ingest.frames import GOING_ON, read_frame, write_frame
from services.ingest.progress import each, told_to
from services.ingest.sniffing import read_seed

DOCUMENT_LIMIT_BYTES = 1024 * 1024
"""The longest canonical article document (:meth:`newsfeed.documents.Document.canonical_bytes`)."""

_TELLINGS = 20
"""So many times within the deadline it says that it goes on, if it does."""

_WARMING = (
    b"<!doctype html><article><h1>Warm</h1><p>A text to read before the first.</p></article>",
    b"<rss version='2.0'><channel><item><title>Warm</title></item></channel></rss>",
    b"---\ntitle: Warm\n---\n# Warm\n",
    b"Caf\xe9 ferm\xe9, le mus\xe9e aussi.\n",
)


class Task(BaseModel):
    """What the parent asks besides the bytes of the seed; the deadline is that of each article in it."""

    hint: ReadingHint
    deadline_seconds: float


def main() -> None:
    """Warm up, say which formats there are, and answer until standard input ends."""
    options = argparse.ArgumentParser()
    options.add_argument("--memory-bytes", type=int, required=True)
    memory_bytes = int(options.parse_args().memory_bytes)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for sample in _WARMING:
        read_seed(sample, ReadingHint())
    child_guard.confine(memory_bytes)
    write_frame(answers, orjson.dumps([one.FORMAT for one in FORMATS]))
    _serve(sys.stdin.buffer, answers)


def _serve(tasks: BinaryIO, answers: BinaryIO) -> None:
    while (header := read_frame(tasks)) is not None:
        task = Task.model_validate_json(header)
        data = read_frame(tasks)
        if data is None:
            return
        child_guard.arm(task.deadline_seconds)
        with told_to(_telling(answers, task.deadline_seconds)):
            reply = answer(data, task.hint)
        child_guard.arm(0)
        write_frame(answers, reply)


def _telling(answers: BinaryIO, deadline_seconds: float) -> Callable[[], None]:
    """What is called when an article is done: the deadline begins anew, here and with the parent."""
    told_at = time.monotonic()

    def tell() -> None:
        nonlocal told_at
        now = time.monotonic()
        if now - told_at < deadline_seconds / _TELLINGS:
            return
        told_at = now
        child_guard.arm(deadline_seconds)
        write_frame(answers, GOING_ON)

    return tell


def answer(data: bytes, hint: ReadingHint) -> bytes:
    """The reading as JSON, or ``{"reason", "detail"}`` of the rejection; never raises."""
    try:
        return _encoded(read_hinted(data, hint))
    except Rejection as rejection:
        return _refusal(rejection.reason, rejection.detail)
    except MemoryError:
        return _refusal("memory", "beyond the memory that reading may take")
    except Exception as error:  # noqa: BLE001 - a parser's bug must cost one seed, and is named in its rejection
        return _refusal("parser_failed", _where(error))


def _encoded(reading: Reading) -> bytes:
    encoded = reading.model_dump_json().encode()
    if len(encoded) <= DOCUMENT_LIMIT_BYTES:  # Then so is each document in it.
        return encoded
    return bounded(reading).model_dump_json().encode()


def read_hinted(data: bytes, hint: ReadingHint) -> Reading:
    """All articles of a seed: as the format that is hinted at if it is that at all, else as what it is."""
    hinted = [one for one in FORMATS if hint.format == one.FORMAT]
    if hinted:
        try:
            return read_seed(data, hint, hinted)
        except Rejection as rejection:
            if rejection.reason != "unknown_format":
                raise
    return read_seed(data, hint)


def bounded(reading: Reading) -> Reading:
    """The reading with no document over 1 MiB: HTML is given up first, of several articles the one.

    Raises Rejection ``too_large_text`` when nothing is left.
    """
    kept: list[Article] = []
    for article in each(reading.articles):
        with suppress(Rejection) if len(reading.articles) > 1 else nullcontext():
            kept.append(_bounded_article(article))
    lost = len(reading.articles) - len(kept)
    if not kept:
        raise Rejection("too_large_text", f"{lost} articles of more than {DOCUMENT_LIMIT_BYTES} bytes")
    warnings = (
        (*reading.warnings, f"too_large_text: {lost} of {lost + len(kept)}") if lost else reading.warnings
    )
    return reading.model_copy(update={"articles": tuple(kept), "warnings": warnings})


def _bounded_article(article: Article) -> Article:
    if len(article.document.canonical_bytes()) <= DOCUMENT_LIMIT_BYTES:
        return article
    document = article.document.model_copy(update={"body_html": None})
    if len(document.canonical_bytes()) > DOCUMENT_LIMIT_BYTES:
        raise Rejection("too_large_text", f"an article of more than {DOCUMENT_LIMIT_BYTES} bytes")
    warnings = (*article.warnings, "body_html_dropped")
    return article.model_copy(update={"document": document, "warnings": warnings})


def _refusal(reason: str, detail: str) -> bytes:
    return orjson.dumps({"reason": reason, "detail": detail})


def _where(error: BaseException) -> str:
    """The class of an error and the line it came from; its message may quote the seed."""
    frames = extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


if __name__ == "__main__":
    main()
