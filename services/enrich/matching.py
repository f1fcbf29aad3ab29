"""Known names found in a tokenised text: longest first, case respected, endings allowed.

A :class:`NameIndex` maps the token keys of every spelling to what it names. Whether a spelling in
the right place is really that name is for the guards in :mod:`services.enrich.guards`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from newsfeed.documents import EntityType
from services.enrich.inflection import inflects, is_adjective, prefix_lengths, stem
from services.enrich.knowledge import Record
from services.enrich.text import Token, first_key, is_segmented, tokenise

INFLECTED_FACTOR = 0.9
"""What is left of the confidence when only the stem of a name was seen."""

SHORTEST_INFLECTED = 4
"""Letters of stem that a one-word name needs to be found by its stem."""

_FIRST_PREFIXED, _LAST_PREFIXED = "\u0590", "\u06ff"
"""Hebrew and Arabic, which write short words together with the next one."""

LONGEST_ACRONYM = 8
SHORTEST_SHOUTED = 4
"""Letters a name needs to be found in capitals ("GUERRE EN UKRAINE")."""


@dataclass(frozen=True, slots=True)
class Known:
    """Something with a stable id; ``verified`` only if the id was checked against its source."""

    id: str
    type: EntityType
    name: str
    verified: bool = False


Told = tuple[str, Known, float, bool]
"""A name as an index is told of it: its spelling, what it names, how sure that is, whether it is weak."""


class Spelling(NamedTuple):
    """One way to write a known name. A ``weak`` one is also an ordinary word or another's name."""

    known: Known
    words: tuple[str, ...]
    score: float
    weak: bool


class Hit(NamedTuple):
    """A spelling found at tokens ``[first, last)``, characters ``[start, end)`` of the text."""

    first: int
    last: int
    start: int
    end: int
    known: Known
    score: float
    weak: bool


class NameIndex:
    """Spellings by their token keys, and by the stems of these where the language inflects.

    A name waits under the stem of its first word until a text has that word, because most never come.
    ``_small`` are the stems with which a name begins that has no capital.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self._inflects = inflects(language)
        self._waiting: dict[str, Sequence[Told | Record]] = {}
        self._tell: Callable[[Record], Iterable[Told]] = lambda _record: ()
        self._small: set[str] = set()
        self._exact: dict[str, list[Spelling]] = {}
        self._stemmed: dict[str, list[Spelling]] = {}
        self._widths: dict[str, int] = {}
        self._stem_widths: dict[str, int] = {}

    def add(self, name: str, known: Known, score: float, weak: bool = False) -> None:
        """Know one more spelling; the first to claim a spelling of the same case keeps it."""
        head = self._head(name)
        self._waiting[head] = (*self._waiting.get(head, ()), (name, known, score, weak))

    def add_records(
        self, by_head: Mapping[str, Sequence[Record]], tell: Callable[[Record], Iterable[Told]]
    ) -> None:
        """Know records by the stems that their names begin with; ``tell`` gives all the names of one."""
        early = self._waiting
        both = {head: (*names, *by_head.get(head, ())) for head, names in early.items()}
        self._waiting, self._tell = {**by_head, **both}, tell

    def _head(self, name: str) -> str:
        return stem(first_key(name), self._language)

    def _wake(self, head: str) -> None:
        """Take up the spellings whose first word has this stem, in the order in which they came."""
        if self._waiting.get(head):
            for told in self._told(head):
                self._take(*told)
            self._waiting[head] = ()

    def _told(self, head: str) -> Iterator[Told]:
        for one in self._waiting[head]:
            if isinstance(one, Record):
                yield from (told for told in self._tell(one) if self._head(told[0]) == head)
            else:
                yield one

    def _take(self, name: str, known: Known, score: float, weak: bool) -> None:
        tokens = tokenise(name)
        if not tokens or not all(token.key for token in tokens):
            return
        spelling = Spelling(known, tuple(token.text for token in tokens), score, weak)
        keys = [token.key for token in tokens]
        if not spelling.words[0][0].isupper():
            self._small.add(stem(keys[0], self._language))
        _put(self._exact, self._widths, keys, spelling)
        if self._inflects and not _is_acronym(spelling.words) and keys[0][0].isalpha():
            stems = [stem(key, self._language) for key in keys]
            if len(keys) > 1 or len(stems[0]) >= SHORTEST_INFLECTED:
                _put(self._stemmed, self._stem_widths, stems, spelling)

    def find(self, tokens: Sequence[Token]) -> list[Hit]:
        """The longest names from left to right; they never overlap."""
        begins = self._beginnings({token.key for token in tokens})
        hits: list[Hit] = []
        free = 0
        for index in [index for index, token in enumerate(tokens) if token.key in begins]:
            hit = self._at(tokens, index) if index >= free else None
            if hit is not None:
                hits.append(hit)
                free = hit.last
        return hits

    def _beginnings(self, keys: set[str]) -> set[str]:
        """The words that a name can begin with; told fast, because few are."""
        if self._inflects:
            found = {key for key in keys if stem(key, self._language) in self._waiting}
        else:
            found = keys & self._waiting.keys()
        if max(keys, default="") >= _FIRST_PREFIXED:
            found |= {key for key in keys if _FIRST_PREFIXED <= key[:1] <= _LAST_PREFIXED}
        return found

    def _at(self, tokens: Sequence[Token], index: int) -> Hit | None:
        token = tokens[index]
        if not token.key or _inside_hangul(tokens, index):
            return None
        head = stem(token.key, self._language)
        self._wake(head)
        if token.text[0].islower() and head not in self._small:
            return None
        hit = self._exact_at(tokens, index, token.key, 0) or self._prefixed_at(tokens, index)
        return hit or (self._stemmed_at(tokens, index) if self._inflects else None)

    def _prefixed_at(self, tokens: Sequence[Token], index: int) -> Hit | None:
        key = tokens[index].key
        for length in prefix_lengths(key):
            rest = key[length:]
            self._wake(stem(rest, self._language))
            hit = self._exact_at(tokens, index, rest, length)
            if hit is None and rest.startswith("ل"):  # "للأمم" is "ل" and "الأمم"
                self._wake(stem("ا" + rest, self._language))
                hit = self._exact_at(tokens, index, "ا" + rest, 0)
            if hit is not None:
                return hit
        return None

    def _exact_at(self, tokens: Sequence[Token], index: int, first_key: str, skipped: int) -> Hit | None:
        width = self._widths.get(first_key, 0)
        keys = [first_key, *(token.key for token in tokens[index + 1 : index + width])] if width else []
        for count in range(len(keys), 0, -1):
            for spelling in self._exact.get(" ".join(keys[:count]), ()):
                span = tokens[index : index + count]
                if _same_case(spelling.words, span, skipped) and not any(token.opens for token in span[1:]):
                    return _hit(span, index, spelling, spelling.score, skipped)
        return None

    def _stemmed_at(self, tokens: Sequence[Token], index: int) -> Hit | None:
        width = self._stem_widths.get(stem(tokens[index].key, self._language), 0)
        for last in range(min(index + width, len(tokens)), index, -1):
            span = tokens[index:last]
            key = " ".join(stem(token.key, self._language) for token in span)
            for spelling in self._stemmed.get(key, ()):
                if _inflected(spelling, span):
                    return _hit(span, index, spelling, spelling.score * INFLECTED_FACTOR, 0)
        return None


def _put(
    table: dict[str, list[Spelling]], widths: dict[str, int], keys: list[str], spelling: Spelling
) -> None:
    rivals = table.setdefault(" ".join(keys), [])
    if all(rival.words != spelling.words for rival in rivals):
        rivals.append(spelling)
        widths[keys[0]] = max(widths.get(keys[0], 0), len(keys))


def _hit(span: Sequence[Token], index: int, spelling: Spelling, score: float, skipped: int) -> Hit:
    start = span[0].start + skipped
    return Hit(index, index + len(span), start, span[-1].end, spelling.known, score, spelling.weak)


def _inflected(spelling: Spelling, span: Sequence[Token]) -> bool:
    """Whether the span can be a case form of the spelling, and no adjective made of it."""
    if any(token.opens for token in span[1:]) or not _same_case(spelling.words, span, 0):
        return False
    return len(span) > 1 or not is_adjective(span[0].key) or is_adjective(spelling.words[0].casefold())


def _is_acronym(words: Sequence[str]) -> bool:
    joined = "".join(words)
    return joined.isupper() and len(joined) <= LONGEST_ACRONYM and not joined.isdigit()


def _same_case(words: Sequence[str], span: Sequence[Token], skipped: int) -> bool:
    """Acronyms in their exact case; other words with their capital, or shouted as a whole."""
    if _is_acronym(words):
        return all(word == token.text for word, token in zip(words, span, strict=True))
    return all(
        _word_case(word, token.text[skipped if number == 0 else 0 :])
        for number, (word, token) in enumerate(zip(words, span, strict=True))
    )


def _word_case(word: str, seen: str) -> bool:
    if not seen or not word[0].isupper():
        return True
    if not seen[0].isupper():
        return False
    return not (seen.isupper() and len(seen) > 1) or word.isupper() or len(seen) >= SHORTEST_SHOUTED


def _inside_hangul(tokens: Sequence[Token], index: int) -> bool:
    """Korean names begin where a written word begins, though particles may follow them."""
    token = tokens[index]
    if not "\uac00" <= token.text[0] <= "\ud7af" or index == 0:
        return False
    previous = tokens[index - 1]
    return previous.end == token.start and is_segmented(previous.text[0])
