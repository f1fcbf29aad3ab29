"""Files in which a newsroom says what its articles are about: JSON lines or CSV.

    {"text": "The minister resigned …", "topics": ["medtop:11000000"]}
    {"article_id": "…", "topics": ["politics", "labour"]}

A CSV file has a header with ``text`` or ``article_id``, and ``topics``, separated by ``;`` or ``|``.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from newsfeed import vocabulary
from newsfeed.errors import NewsfeedError
from services.enrich.topics.finding import known_topic

_SEPARATOR = re.compile(r"[;|]")


class LabelsInvalid(NewsfeedError):
    """A file of labels cannot be read as it stands; the message names the line."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """What is said of one text, which is given or is that of an article; ``topics`` are topic ids."""

    topics: tuple[str, ...]
    text: str | None = None
    article_id: str | None = None


def read_labels(path: Path) -> list[Labelled]:
    """All labels of a file, in its order; raises :class:`LabelsInvalid`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LabelsInvalid(f"{path}: {error}") from error
    rows = _csv(text) if path.suffix.casefold() == ".csv" else _json(text)
    found = [_labelled(row, f"{path}:{line}") for line, row in rows]
    if not found:
        raise LabelsInvalid(f"{path} holds no labels")
    return found


def _csv(text: str) -> Iterator[tuple[int, Any]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    for row in reader:
        yield reader.line_num, {**row, "topics": _SEPARATOR.split(row.get("topics") or "")}


def _json(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError as error:
                raise LabelsInvalid(f"line {number}: {error}") from error


def _labelled(row: object, place: str) -> Labelled:
    if not isinstance(row, dict):
        raise LabelsInvalid(f"{place}: not an object with text or article_id, and topics")
    text, article_id, said = row.get("text"), row.get("article_id"), row.get("topics")
    if bool(text) == bool(article_id) or not isinstance(text or article_id, str):
        raise LabelsInvalid(f"{place}: give either text or article_id")
    names = [said] if isinstance(said, str) else said
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise LabelsInvalid(f"{place}: topics is not a list of codes or labels")
    topics = tuple(dict.fromkeys(_topic(one, place) for one in names if one.strip()))
    return Labelled(topics, text or None, article_id or None)


def _topic(name: str, place: str) -> str:
    """The topic of a code or of a label in English."""
    topic = known_topic(name) or _by_label().get(" ".join(name.casefold().split()))
    if topic is None:
        raise LabelsInvalid(f"{place}: {name!r} is neither a code nor an English label of the IPTC")
    return topic


@cache
def _by_label() -> dict[str, str]:
    """Folded English label to topic; of equal labels the first code counts."""
    found: dict[str, str] = {}
    for topic in vocabulary.topic_ids():
        found.setdefault(vocabulary.label(topic).casefold(), topic)
    return found
