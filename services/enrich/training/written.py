"""Sentences of our own: templates filled with names, and marked text, cut into words as at inference."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

from services.enrich.recognition.tags import Span
from services.enrich.recognition.units import Unit, sentences
from services.enrich.text import Token, tokenise
from services.enrich.training.corpora import Sentence
from services.enrich.training.marked import lines, read
from services.enrich.training.slots import Names

FOLDER = Path(__file__).parent
BEFORE, AFTER, STRAIGHT = 0.25, 0.3, 0.35
"""How often a sentence gets something before or behind it, and plain quotation marks and apostrophes."""

_STRAIGHT = str.maketrans("«»“”„’‘", '"""""\'\'')
_SHORTEST = 4
"""Words of a template that can be added to."""


def languages() -> list[str]:
    """The languages that have templates."""
    return sorted(path.stem for path in (FOLDER / "templates").glob("*.txt"))


def written(language: str, count: int, draw: Random) -> Iterator[Sentence]:
    """``count`` sentences out of the templates of a language, each as often as the others."""
    names = Names(FOLDER / "names" / language)
    templates = list(lines(FOLDER / "templates" / f"{language}.txt"))
    extra = _additions(language, "before"), _additions(language, "after")
    for index in range(count):
        template = templates[index % len(templates)]
        if template.endswith(".") and template.count(" ") >= _SHORTEST:
            template = _longer(template, extra, names, draw)
        line = names.fill(template, draw)
        if draw.random() < STRAIGHT:
            line = line.translate(_STRAIGHT)
        yield from aligned(line, language)


def _additions(language: str, place: str) -> list[str]:
    path = FOLDER / "templates" / place / f"{language}.txt"
    return list(lines(path)) if path.exists() else []


def _longer(template: str, extra: tuple[list[str], list[str]], names: Names, draw: Random) -> str:
    """The template with a beginning or an end that others have, too."""
    before, after = extra
    if after and draw.random() < AFTER:
        template = template[:-1] + draw.choice(after) + "."
    if before and draw.random() < BEFORE:
        template = f"{draw.choice(before)} {_inside(template, names)}"
    return template


def _inside(template: str, names: Names) -> str:
    """The template as it stands when it does not open the sentence."""
    if not template.startswith("{"):
        return template[0].lower() + template[1:]
    slot = template[1 : template.index("}")]
    small = slot[0].lower() + slot[1:]
    return template.replace(slot, small, 1) if slot not in names.slots and small in names.slots else template


def aligned(line: str, language: str, family: str = "written") -> Iterator[Sentence]:
    """The sentences of a marked line but those with a name that does not keep to the words of the model."""
    text, names = read(line)
    tokens = tokenise(text)
    for sentence in sentences(tokens):
        begin, finish = tokens[sentence[0].first].start, tokens[sentence[-1].last - 1].end
        inside = [name for name in names if begin <= name[0] < finish]
        spans = tuple(_spans(sentence, tokens, inside))
        if len(spans) == len(inside):
            yield Sentence(tuple(unit.text for unit in sentence), spans, language, family)


def _spans(sentence: list[Unit], tokens: list[Token], names: list[tuple[int, int, str]]) -> Iterator[Span]:
    starts = {tokens[unit.first].start: index for index, unit in enumerate(sentence)}
    ends = {tokens[unit.last - 1].end: index + 1 for index, unit in enumerate(sentence)}
    for start, end, label in names:
        if start in starts and end in ends:
            yield starts[start], ends[end], label
