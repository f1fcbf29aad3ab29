"""One list of spans out of two: what the recogniser saw, and the known names that stand in the text.

Where they disagree the longer one is right, and of two of the same length the known name, unless it is
also somebody's given name or an ordinary word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.enrich.guards import is_given_name
from services.enrich.linking.passage import Passage, Span
from services.enrich.linking.places import Places
from services.enrich.matching import Hit
from services.enrich.recognition.recognised import Recognised
from services.enrich.wordlists import sections

TRUSTED_SCORE = 0.5
"""From this confidence on, a recogniser that says person or place is believed about a one-word name."""


def merged(passage: Passage, recognised: Sequence[Recognised], hits: Sequence[Hit]) -> list[Span]:
    """The spans of both, sorted and without overlap."""
    found: list[Span] = []
    begin, taken = 0, set[int]()
    for one in recognised:
        while begin < len(hits) and hits[begin].last <= one.first:
            begin += 1
        end = begin
        while end < len(hits) and hits[end].first < one.last:
            end += 1
        found += _settled(passage, one, hits[begin:end])
        taken.update(range(begin, end))
    found += [_of_hit(hit) for number, hit in enumerate(hits) if number not in taken]
    return _apart(sorted(found, key=lambda span: (span.first, span.last)))


def _apart(spans: Sequence[Span]) -> list[Span]:
    """The spans without those that a longer or earlier one overlaps."""
    kept: list[Span] = []
    for span in spans:
        if kept and span.first < kept[-1].last:
            if span.last - span.first > kept[-1].last - kept[-1].first:
                kept[-1] = span
        else:
            kept.append(span)
    return kept


def _settled(passage: Passage, one: Recognised, touching: Sequence[Hit]) -> Iterator[Span]:
    """What stands where the recogniser saw something and known names touch it."""
    plain = Span(one.first, one.last, one.start, one.end, one.type, one.score)
    if not touching:
        yield from _parts(passage, plain)
        return
    longest = max(touching, key=lambda hit: (hit.last - hit.first, -hit.first))
    if (longest.first, longest.last) == (one.first, one.last):
        yield plain if _is_namesake(passage, one, longest) else _of_hit(longest, one.score)
    elif longest.first <= one.first and one.last <= longest.last:
        yield _of_hit(_untitled(passage, one, longest), one.score)
    elif one.first <= longest.first and longest.last <= one.last:
        yield from _inner(passage, plain, touching)
    else:
        yield max(plain, _of_hit(longest), key=lambda span: span.last - span.first)


def _untitled(passage: Passage, one: Recognised, hit: Hit) -> Hit:
    """A person without the title before what was seen, which is none of the name: ``roi Charles``."""
    titles = sections("rules.txt")["titles"]
    person = one.type == hit.known.type == "PER" and one.last == hit.last
    if person and all(key in titles for key in passage.keys(hit.first, one.first)):
        return hit._replace(first=one.first, start=one.start)
    return hit


def _is_namesake(passage: Passage, one: Recognised, hit: Hit) -> bool:
    """Whether the recogniser sees another thing of the same name: the person Jordan, the river Amazon."""
    if one.type == hit.known.type or one.score < TRUSTED_SCORE or hit.last - hit.first > 1:
        return False
    if hit.known.type == "LOC":
        given = is_given_name(passage.tokens[hit.first].key, passage.language)
        return one.type == "PER" and (hit.weak or given)
    return one.type != "ORG" and not passage.tokens[hit.first].text.isupper()


def _inner(passage: Passage, span: Span, hits: Sequence[Hit]) -> Iterator[Span]:
    """Known names inside a longer span, which is one of them with a word before it, or something else."""
    last = max(hits, key=lambda hit: hit.last)
    before = passage.tokens[span.first : last.first]
    same = last.known.type == span.type and last.last == span.last and not _is_place(passage, span)
    waters = before and before[0].key in sections("rules.txt")["waters"]
    if same and not waters and all(_is_no_name(token.text, token.key) for token in before):
        yield _of_hit(last, span.score)
    elif span.type == "LOC" and any(token.text == "," for token in passage.tokens[span.first : span.last]):
        yield from _parts(passage, span)
    else:
        yield span


def _is_place(passage: Passage, span: Span) -> bool:
    """Whether the span as a whole has a place: ``Western Australia``, but not ``eastern Ukraine``."""
    return span.type == "LOC" and bool(Places.load().find(" ".join(passage.keys(span.first, span.last))))


def _is_no_name(text: str, key: str) -> bool:
    """A title, a common noun or a mark; the ``East`` of ``East Africa`` is a name."""
    rules = sections("rules.txt")
    return not text[0].isupper() or key in rules["titles"] or key in rules["function"]


def _parts(passage: Passage, span: Span) -> Iterator[Span]:
    """``Houston, Texas`` is two places; ``Washington, D.C.`` is one."""
    marks = [index for index in range(span.first, span.last) if passage.tokens[index].text == ","]
    if span.type != "LOC" or not marks or _is_place(passage, span):
        yield span
        return
    begin = span.first
    for end in (*marks, span.last):
        if begin < end:
            yield span._replace(
                first=begin, last=end, start=passage.tokens[begin].start, end=passage.tokens[end - 1].end
            )
        begin = end + 1


def _of_hit(hit: Hit, score: float = 0.0) -> Span:
    return Span(hit.first, hit.last, hit.start, hit.end, hit.known.type, max(hit.score, score), hit.known)
