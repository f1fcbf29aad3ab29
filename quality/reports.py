"""Whole reports of our own: names with their types and ids, topics and summary."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from newsfeed.documents import ArticleDocument, EnrichmentDocument
from quality.linking import marked
from quality.measures import GOLD, Measure, digest_of
from services.enrich.enricher import Enricher

FILE = GOLD / "reports.yaml"
SENTENCES = 3
Span = tuple[int, int]


class Report(NamedTuple):
    """A report, what is marked in it by its characters (``TYPE`` or ``TYPE id``), and what was found."""

    document: ArticleDocument
    gold: Mapping[Span, str]
    wanted: Mapping[str, Any]
    found: EnrichmentDocument


def measure(_data: Path) -> Iterator[Measure]:
    """As ``own``: the set is everywhere."""
    yield from own()


def own() -> Iterator[Measure]:
    """F of mentions, exact in bounds and type; ids; what is right of topics and summaries."""
    reports, digest = list(read(Enricher())), digest_of([FILE])
    yield Measure("reports", "mentions", mentions_f(reports), digest, _wrong(reports))
    for name, asked in {"ids": _ids, "topics": _topics, "summaries": _summary}.items():
        yield Measure("reports", name, _share(reports, asked), digest, margin=0.0)


def read(enricher: Enricher) -> Iterator[Report]:
    """The reports, enriched; nobody declares their language."""
    for one in yaml.safe_load(FILE.read_text(encoding="utf-8")):
        body, gold = marked(one["body"].strip())
        document = ArticleDocument(title=one["title"] or body[:80], title_derived=not one["title"], body=body)
        offset = len(document.text) - len(body)
        moved = {(start + offset, end + offset): mark for (start, end), mark in gold.items()}
        yield Report(document, moved, one, enricher.enrich(document))


def _mentions(found: EnrichmentDocument) -> dict[Span, tuple[str, str]]:
    """Type and id of every mention."""
    return {(at.start, at.end): (one.type, one.id) for one in found.entities for at in one.mentions}


def mentions_f(reports: Sequence[Report]) -> float:
    """F of all mentions; those of a headline are not asked about."""
    right = wanted = seen = 0
    for one in reports:
        found = {span: kind for span, (kind, _) in _mentions(one.found).items() if span[0] >= _body(one)}
        gold = {span: mark.split()[0] for span, mark in one.gold.items()}
        right += len(found.items() & gold.items())
        wanted += len(gold)
        seen += len(found)
    return 2 * right / (wanted + seen)


def _body(one: Report) -> int:
    return len(one.document.text) - len(one.document.body)


def _wrong(reports: Sequence[Report]) -> str:
    """The first mentions that are not as they must be."""
    wrong = [
        one.document.text[slice(*span)]
        for one in reports
        for span in sorted({*one.gold} | {span for span in _mentions(one.found) if span[0] >= _body(one)})
        if one.gold.get(span, "").split()[:1] != [_mentions(one.found).get(span, ("", ""))[0]]
    ]
    return f"wrong: {', '.join(wrong[:5]) or 'none'}"


def _share(reports: Sequence[Report], asked: Callable[[Report], list[bool]]) -> float:
    answers = [answer for one in reports for answer in asked(one)]
    return sum(answers) / len(answers)


def _ids(one: Report) -> list[bool]:
    """Whether each mention with an id has it."""
    found = _mentions(one.found)
    wanted = {span: mark.split()[1] for span, mark in one.gold.items() if " " in mark}
    return [found.get(span, ("", ""))[1] == entity_id for span, entity_id in wanted.items()]


def _topics(one: Report) -> list[bool]:
    """Whether the right topic leads, the others are there, and none that is far off."""
    codes = {topic.id[-8:-6] for topic in one.found.topics if topic.id.endswith("000000")}
    primary = [topic.id[-8:-6] for topic in one.found.topics if topic.primary]
    return [
        primary == [one.wanted["primary"]],
        *(code in codes for code in one.wanted["beside"]),
        *(code not in codes for code in one.wanted["never"]),
    ]


def _summary(one: Report) -> list[bool]:
    """Whether there are three sentences, each whole."""
    lines = [one.document.text[at.start : at.end] for at in one.found.summary]
    return [len(lines) == SENTENCES, *(line[0].isupper() and line[-1] in ".!?" for line in lines)]
