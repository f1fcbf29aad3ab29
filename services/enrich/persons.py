"""Names of people in scripts with capitals: runs of capitalised words that something vouches for.

A run is trimmed of titles, common nouns and words that only begin a sentence; what is left is a
person if a title stands before it, its first word is a known given name, its last word stands
alone elsewhere, a verb of speech is next to it, or (weakest) the language is sparing with capitals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from newsfeed.documents import EntityType
from services.enrich.capitals import CYRILLIC, NOUN_CAPITALS, SPARING, headline_tokens
from services.enrich.guards import is_given_name
from services.enrich.text import Token
from services.enrich.wordlists import sections

LONGEST_NAME = 5
"""Words, particles not counted."""

TITLE_AND_GIVEN, GIVEN, TITLE, REPEATED, SPOKEN, CAPITALS, TITLED_SURNAME, GUESSED_ORGANISATION = (
    0.95,
    0.9,
    0.85,
    0.75,
    0.7,
    0.55,
    0.65,
    0.6,
)

_OFFICES = tuple(
    office + ending
    for office in (
        "minister präsident kanzler vorstand chef sprecher leiter direktor trainer sekretär experte meister "
        "beauftragter vorsitzender botschafter kommissar forscher spieler anwalt richter abgeordneter"
    ).split()
    for ending in ("", "in", "innen", "en")
)
"""What German compounds for offices end in."""

_NO_SURNAMES = ("ии", "ия", "ого", "его", "ской", "сти", "ния", "ных", "ції", "ного", "ської")
"""Endings of Russian and Ukrainian common nouns and adjectives that follow an office."""

_TITLE_REACH = 4
"""Tokens between a title and the name: "président ukrainien Volodymyr Zelensky"."""


class Name(NamedTuple):
    """A name spotted at tokens ``[first, last)``."""

    first: int
    last: int
    type: EntityType
    score: float


@dataclass(frozen=True, slots=True)
class _Run:
    first: int
    last: int
    titled: bool


class Spotter:
    """Looks through one tokenised text; ``blocked`` are the tokens that known names cover."""

    def __init__(self, tokens: Sequence[Token], blocked: frozenset[int], language: str) -> None:
        self._tokens = tokens
        self._blocked = blocked
        self._language = language
        self._words = sections("rules.txt")
        self._lowered = frozenset(token.key for token in tokens if token.text[0].islower())
        self._capitals = [index for index, token in enumerate(tokens) if token.text[0].isupper()]
        self._headlines = headline_tokens(tokens)
        self._alone = self._lone_capitals()

    def names(self) -> list[Name]:
        """Every name that is vouched for, from left to right."""
        found: list[Name] = []
        end = 0
        for index in self._capitals:
            if index < end or not self._is_capital(index):
                continue
            end = self._run_end(index)
            name = self._judge(self._trim(index, end))
            if name is not None:
                found.append(name)
        return found

    def _is_capital(self, index: int) -> bool:
        """Whether the token can be part of a name: ``Anna``, ``J``, ``McDonald``, no acronym."""
        text = self._tokens[index].text
        if index in self._blocked or not text[0].isupper() or not text[-1].isalpha():
            return False
        if len(text) == 1:
            return True
        return not text.isupper() or (len(text) > 3 and self._follows_given_name(index))  # noqa: PLR2004 - acronyms

    def _is_title(self, key: str) -> bool:
        return key in self._words["titles"] or (self._language in NOUN_CAPITALS and key.endswith(_OFFICES))

    def _is_given(self, key: str) -> bool:
        return is_given_name(key, self._language)

    def _follows_given_name(self, index: int) -> bool:
        before = self._tokens[index - 1] if index else None
        return before is not None and before.text[0].isupper() and self._is_given(before.key)

    def _lone_capitals(self) -> frozenset[str]:
        """Keys of capitalised words that stand without a capitalised neighbour inside a sentence."""
        alone = set()
        for index in self._capitals:
            token = self._tokens[index]
            if token.opens or index in self._headlines or not self._is_capital(index):
                continue
            if not self._joins(index) and not (index and self._is_capital(index - 1)):
                alone.add(token.key)
        return frozenset(alone)

    def _joins(self, index: int) -> int:
        """The next token of the same name, or 0: over a hyphen, an initial's dot or particles."""
        tokens, last = self._tokens, index
        following = index + 1
        if following < len(tokens) and tokens[following].text in {"-", "."}:
            touching = tokens[following].start == tokens[last].end
            if not touching or (tokens[following].text == "." and len(tokens[last].text) > 1):
                return 0
            last, following = following, following + 1
        for _ in range(4):
            if following >= len(tokens) or tokens[following].opens or self._gap(last, following) > 1:
                return 0
            if self._is_capital(following):
                return following
            if tokens[following].key not in self._words["particles"] and tokens[following].text != "-":
                return 0
            last, following = following, following + 1
        return 0

    def _gap(self, left: int, right: int) -> int:
        return self._tokens[right].start - self._tokens[left].end

    def _run_end(self, index: int) -> int:
        while (following := self._joins(index)) > 0:
            index = following
        return index + 1

    def _trim(self, first: int, last: int) -> _Run:
        """The run without the titles, sentence openers and common nouns that begin or end it."""
        tokens = self._tokens
        titled = False
        heads = [i for i in range(first, last - 1) if self._is_title(tokens[i].key)]
        if heads:
            first, titled = heads[-1] + 1, True
        while first < last and self._is_filler(first):
            first += 1
        while first < last and self._is_filler(last - 1):
            last -= 1
        if self._language in NOUN_CAPITALS and last - first > 2 and self._is_office_noun(first):  # noqa: PLR2004
            first, titled = first + 1, True
        return _Run(first, last, titled or (first < last and self._title_before(first)))

    def _is_office_noun(self, first: int) -> bool:
        """A German noun right before a given name: ``Flugunfallermittler Jonas Krull``."""
        following = self._tokens[first + 1]
        return not self._is_given(self._tokens[first].key) and self._is_given(following.key)

    def _is_filler(self, index: int) -> bool:
        """A mark, particle, function word or common noun at the edge of a run."""
        token = self._tokens[index]
        if not token.text[0].isupper() or (index in self._headlines and not self._is_given(token.key)):
            return not token.text[0].isupper() or token.key in self._lowered
        if token.opens and token.key in self._words["function"]:
            return True
        common = token.key in self._lowered and not self._is_given(token.key) and token.key not in self._alone
        return common or token.key in self._words["not_person"] or token.key in self._words["titles"]

    def _title_before(self, first: int) -> bool:
        """A title at most four words before, with nothing but lower-case words between."""
        tokens = self._tokens
        for index in range(first - 1, max(first - 2 - _TITLE_REACH, -1), -1):
            token = tokens[index]
            if self._is_title(token.key):
                return index == first - 1 or not token.opens or len(token.text) > 2  # noqa: PLR2004 - "M."
            ends = token.text == "." and len(tokens[index - 1].text) <= 4  # noqa: PLR2004 - "Sra."
            if tokens[index + 1].opens or not (ends or token.text[0].islower()):
                return False
            if token.key in self._words["function"]:
                return False
        return False

    def _judge(self, run: _Run) -> Name | None:
        parts = [i for i in range(run.first, run.last) if self._tokens[i].text[0].isupper()]
        keys = [self._tokens[i].key for i in parts]
        if not parts or len(parts) > LONGEST_NAME or len(self._tokens[parts[-1]].text) < 2:  # noqa: PLR2004
            return None
        if any(key in self._words["organisation_heads"] for key in keys):
            return self._organisation(run, parts)
        if any(key in self._words["not_person"] for key in keys):
            return None
        score = self._surname_score(run, keys) if len(parts) == 1 else self._score(run, parts, keys)
        return Name(run.first, run.last, "PER", score) if score else None

    def _surname_score(self, run: _Run, keys: Sequence[str]) -> float:
        """A single word is a name only right after a title, and where capitals mean something."""
        if not run.titled or run.first == 0 or run.first in self._headlines:
            return 0.0
        before = self._tokens[run.first - 1]
        direct = self._is_title(before.key) or before.text == "."
        plain = self._language in NOUN_CAPITALS and not self._is_address(run.first)
        doubtful = keys[0] in self._lowered or (self._language in CYRILLIC and keys[0].endswith(_NO_SURNAMES))
        return 0.0 if plain or not direct or doubtful else TITLED_SURNAME

    def _is_address(self, first: int) -> bool:
        return self._tokens[first - 1].key in {
            "herr",
            "frau",
            "herrn",
            "bundeskanzler",
            "präsident",
            "kanzler",
        }

    def _score(self, run: _Run, parts: Sequence[int], keys: Sequence[str]) -> float:
        given = self._is_given(keys[0]) and not (
            self._tokens[parts[0]].opens and keys[0] in self._words["function"]
        )
        titled = run.titled and run.first not in self._headlines
        determined = not titled and self._is_determined(run.first)
        if given and not determined:
            return TITLE_AND_GIVEN if titled else GIVEN
        if titled and (
            self._language not in NOUN_CAPITALS or self._is_title(self._tokens[run.first - 1].key)
        ):
            return TITLE
        if determined or run.first in self._headlines or self._language in NOUN_CAPITALS:
            return (
                SPOKEN
                if self._is_spoken(run) and not determined and run.first not in self._headlines
                else 0.0
            )
        return self._weak_score(run, parts, keys)

    def _weak_score(self, run: _Run, parts: Sequence[int], keys: Sequence[str]) -> float:
        if self._language in CYRILLIC and keys[0][0] < "\u0400":
            return 0.0
        if keys[-1] in self._alone:
            return REPEATED
        if self._is_spoken(run):
            return SPOKEN
        inside = self._language in CYRILLIC and not self._tokens[parts[0]].opens
        apposed = inside or (self._language in SPARING and self._is_apposition(run))
        return CAPITALS if apposed and len(parts) < 4 else 0.0  # noqa: PLR2004 - a longer one is a title of a work

    def _is_apposition(self, run: _Run) -> bool:
        """After a comma, before a comma or full stop: ``le chef du parti, Faustin Ndikuma, a dit``."""
        if run.first == 0 or run.last >= len(self._tokens) or self._tokens[run.first].opens:
            return False
        before, after = self._tokens[run.first - 1].text, self._tokens[run.last].text
        return before == "," and after in {",", "."}

    def _is_determined(self, first: int) -> bool:
        return (
            first > 0
            and not self._tokens[first].opens
            and self._tokens[first - 1].key in self._words["determiners"]
        )

    def _is_spoken(self, run: _Run) -> bool:
        around = self._tokens[max(run.first - 1, 0) : run.first] + self._tokens[run.last : run.last + 2]  # type: ignore[operator] # lists
        return any(token.key in self._words["speech"] for token in around)

    def _organisation(self, run: _Run, parts: Sequence[int]) -> Name | None:
        """``Oxford University``: two to five capitalised words around the noun of an institution."""
        if len(parts) < 2 or run.first in self._headlines or self._language in NOUN_CAPITALS:  # noqa: PLR2004
            return None
        return Name(run.first, run.last, "ORG", GUESSED_ORGANISATION)
