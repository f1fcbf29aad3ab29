"""Names put right by the rest of the article.

Titles and common nouns at their edges go, and what people are called by where they come from; a full
name is the same everywhere, and what is a person as a full name is one as a surname.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace

from services.enrich.capitals import SPARING
from services.enrich.recognition.heads import headed
from services.enrich.recognition.recognised import Recognised, place
from services.enrich.text import Token
from services.enrich.wordlists import sections

PROPAGATED = 0.95
"""What is left of the score of a name that is known from another place of the article."""

SHORTEST_SURNAME = 3
"""Characters."""

SURE = 0.9
"""A single word whose type is so sure is not retyped."""

_ADDRESSES = frozenset("mr mrs ms m mm mme mlle dr prof herr frau sr sra dott sig".split())
"""Titles that are never a part of a name, even with a capital."""

_BODIES = frozenset(("ngo", "ong"))
"""Kinds of organisations that are never a part of a name, even in capitals."""

_GENERIC = frozenset(
    """
    agence agency agencia agenzia agência agentur nachrichtenagentur persbureau groupe group gruppo grupo
    company compagnie empresa azienda journal quotidien ville ciudad città cidade stadt stad city
    the der die das den dem le la les el los las il lo i gli o os as de het et
    """.split()
)
"""Written small at the beginning of a span, these are no part of the name."""

_TRAILING = frozenset(("'s", "’s", "'", "’", ",", ".", "-", '"', "»", "”"))


def refined(found: Sequence[Recognised], tokens: Sequence[Token], language: str) -> list[Recognised]:
    """The names of one article in its order, none overlapping."""
    trimmed = (kept for one in found if (kept := _trimmed(one, tokens)))
    cut = [one for one in trimmed if not _is_demonym(one, tokens[one.first : one.last], language)]
    cut = headed(_whole(cut, tokens, language), tokens, language)
    people = _full_names(cut, tokens)
    typed = [_retyped(one, tokens, people) for one in cut]
    taken = bytearray(len(tokens))
    for one in typed:
        taken[one.first : one.last] = b"\1" * (one.last - one.first)
    return sorted([*typed, *_repeated(tokens, taken, people)], key=place)


def _trimmed(one: Recognised, tokens: Sequence[Token]) -> Recognised | None:
    first, last = one.first, one.last
    while first < last and _is_cut(tokens, first, one.type):
        first += 1
    while first < last and tokens[last - 1].text in _TRAILING and not _is_initial(tokens, last - 1):
        last -= 1
    if first == last or not any(token.text[0].isalnum() for token in tokens[first:last]):
        return None
    return replace(one, first=first, last=last, start=tokens[first].start, end=tokens[last - 1].end)


def _is_demonym(one: Recognised, words: Sequence[Token], language: str) -> bool:
    """``French``, ``Canadian province``: no name; a person may be called so, if the recogniser is sure."""
    if one.type == "PER" and (len(words) > 1 or one.score >= SURE):
        return False
    known = sections("demonyms.txt").get(language, frozenset())
    return words[0].key in known and all(word.text[0].islower() for word in words[1:])


def _whole(found: Sequence[Recognised], tokens: Sequence[Token], language: str) -> list[Recognised]:
    """The names, people with the capitalised words that follow in the same breath: ``Rosaura`` + ``Quispe``.

    Only where a capital means a name: elsewhere it may begin any noun.
    """
    if language not in SPARING:
        return list(found)
    taken = {index for one in found for index in range(one.first, one.last)}
    return [_lengthened(one, tokens, taken) if one.type == "PER" else one for one in found]


def _lengthened(one: Recognised, tokens: Sequence[Token], taken: Container[int]) -> Recognised:
    last = one.last
    while last < len(tokens) and last not in taken and _follows(tokens[last - 1], tokens[last]):
        last += 1
    return replace(one, last=last, end=tokens[last - 1].end)


def _follows(before: Token, word: Token) -> bool:
    """Whether a word with a capital, which is no acronym, stands after the other with one blank between."""
    return (
        word.start - before.end == 1 and not word.opens and word.text[0].isupper() and word.text[1:].islower()
    )


def _is_cut(tokens: Sequence[Token], index: int, kind: str) -> bool:
    token = tokens[index]
    if token.text in _TRAILING:
        return True
    if token.text[0].islower() and (token.key in _GENERIC or token.text[-1] in "'’"):
        return True
    titled = token.text[0].islower() and token.key in sections("rules.txt")["titles"]
    if kind == "PER":
        return titled or token.key in _ADDRESSES
    return kind == "ORG" and token.key in _BODIES


def _is_initial(tokens: Sequence[Token], index: int) -> bool:
    """Whether the mark is the full stop of an abbreviation inside the name: ``Apple Inc.``."""
    return tokens[index].text == "." and index > 0 and index + 1 < len(tokens) and not tokens[index + 1].opens


def _full_names(found: Sequence[Recognised], tokens: Sequence[Token]) -> dict[tuple[str, ...], Recognised]:
    """The surest person for every name of two words or more, and for its last word."""
    people: dict[tuple[str, ...], Recognised] = {}
    for one in sorted(found, key=lambda one: -one.score):
        words = tuple(token.text for token in tokens[one.first : one.last])
        if one.type != "PER" or sum(word[0].isupper() for word in words) < 2:  # noqa: PLR2004 - given name, surname
            continue
        people.setdefault(words, one)
        surname = _surname(tokens[one.first : one.last])
        if len("".join(surname)) >= SHORTEST_SURNAME and surname[0][0].isupper():
            people.setdefault(surname, one)
    return people


def _surname(name: Sequence[Token]) -> tuple[str, ...]:
    """The last word of a name, whole if it is joined by hyphens."""
    first = len(name) - 1
    while first > 0 and name[first - 1].end == name[first].start:
        first -= 1
    return tuple(token.text for token in name[first:])


def _retyped(
    one: Recognised, tokens: Sequence[Token], people: Mapping[tuple[str, ...], Recognised]
) -> Recognised:
    person = people.get(tuple(token.text for token in tokens[one.first : one.last]))
    if person is None or one.type == "PER" or (one.last - one.first == 1 and one.score >= SURE):
        return one
    return replace(one, type="PER", score=round(person.score * PROPAGATED, 4))


def _repeated(
    tokens: Sequence[Token], taken: bytearray, people: Mapping[tuple[str, ...], Recognised]
) -> Iterator[Recognised]:
    """Further mentions of the people at tokens that are not taken; the longest form first."""
    lengths = sorted({len(words) for words in people}, reverse=True)
    starts = {words[0] for words in people}
    index = 0
    while index < len(tokens):
        length = (
            next(_matches(tokens, taken, people, lengths, index), 0) if tokens[index].text in starts else 0
        )
        if length:
            person = people[tuple(token.text for token in tokens[index : index + length])]
            last = index + length
            score = round(person.score * PROPAGATED, 4)
            yield Recognised(index, last, tokens[index].start, tokens[last - 1].end, "PER", score)
        index += length or 1


def _matches(
    tokens: Sequence[Token],
    taken: bytearray,
    people: Mapping[tuple[str, ...], Recognised],
    lengths: Sequence[int],
    index: int,
) -> Iterator[int]:
    for length in lengths:
        if any(taken[index : index + length]) or index + length > len(tokens):
            continue
        if tuple(token.text for token in tokens[index : index + length]) in people:
            yield length
