"""Spans as one tag per word: begin, inside, last, unit, or outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

LABELS = ("PER", "LOC", "ORG", "MISC")
"""``MISC`` (works, events, products) is learned so that it is not taken for another; it is never told."""

TAGS = ("O", *(f"{part}-{label}" for label in LABELS for part in "BILU"))
TAG_IDS = {tag: index for index, tag in enumerate(TAGS)}
FORBIDDEN = np.float32(-1e9)

Span = tuple[int, int, str]
"""Words ``[first, last)`` and their label."""

Floats = npt.NDArray[np.float32]


def spans_of(tags: Sequence[str]) -> list[Span]:
    """The spans of IOB2 tags, in order; an ``I-`` that continues nothing begins a span."""
    spans: list[Span] = []
    begin = 0
    label = ""
    for index, tag in enumerate([*tags, "O"]):
        if label and tag != f"I-{label}":
            spans.append((begin, index, label))
            label = ""
        if tag != "O" and not label:
            begin, label = index, tag[2:]
    return spans


def ids_of(length: int, spans: Iterable[Span]) -> list[int]:
    """One tag id per word of a sentence with these spans; spans must not overlap."""
    ids = [0] * length
    for first, last, label in spans:
        if last - first == 1:
            ids[first] = TAG_IDS[f"U-{label}"]
            continue
        ids[first:last] = [TAG_IDS[f"I-{label}"]] * (last - first)
        ids[first], ids[last - 1] = TAG_IDS[f"B-{label}"], TAG_IDS[f"L-{label}"]
    return ids


def spans_from_ids(ids: Sequence[int]) -> list[Span]:
    """The inverse of ``ids_of`` for ids that keep to the transitions."""
    spans: list[Span] = []
    begin = 0
    for index, identifier in enumerate(ids):
        if identifier == 0:
            continue
        part, label = TAGS[identifier].split("-")
        if part in "BU":
            begin = index
        if part in "LU":
            spans.append((begin, index + 1, label))
    return spans


def transitions() -> tuple[Floats, Floats, Floats]:
    """Costs 0 or ``FORBIDDEN``: of a tag after another ``[from, to]``, at the start, at the end."""
    size = len(TAGS)
    between = np.full((size, size), FORBIDDEN, np.float32)
    opens = np.array([tag[0] in "OBU" for tag in TAGS])
    closes = np.array([tag[0] in "OLU" for tag in TAGS])
    between[np.ix_(closes, opens)] = 0
    for source, tag in enumerate(TAGS):
        if tag[0] in "BI":
            for part in "IL":
                between[source, TAG_IDS[f"{part}-{tag[2:]}"]] = 0
    zero = np.float32(0)
    return between, np.where(opens, zero, FORBIDDEN), np.where(closes, zero, FORBIDDEN)
