"""The shipped model and the rules for names: these alone where nothing was learned, and where it doubts."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from services.enrich.background import stopwords
from services.enrich.recognition.builtin import LEARNED, BuiltinRecogniser
from services.enrich.recognition.recognised import Recognised, place
from services.enrich.recognition.refining import refined
from services.enrich.spotting import spot
from services.enrich.text import Token

SURE = 0.75
"""What the model is so sure of is not asked about."""
RULES_SURE = 0.8
"""What the rules are so sure of is a person."""


INFLECTED = frozenset("ru uk".split())
"""Languages in which a name has many forms, of which the model saw few; the rules know those of places."""
KNOWN = 0.9
"""What the rules are so sure of has a record."""


class SecondedRecogniser:
    """The default engine; any number of threads may use it, one at a time."""

    def __init__(self, model: BuiltinRecogniser | None = None) -> None:
        self._model = model or BuiltinRecogniser.load()
        self._turn = threading.Lock()
        self.name = self._model.name
        self.version = self._model.version

    def recognise(self, text: str, tokens: Sequence[Token], language: str) -> list[Recognised]:
        """Names by the model; where it takes what the rules know for a person as something else, theirs."""
        if language not in LEARNED:
            return spot(text, tokens, language)
        by_rules = cache(lambda: spot(text, tokens, language))
        with self._turn:
            found = self._model.recognise(text, tokens, language)
        if language in INFLECTED:
            names = [one for one in found if _is_name(tokens[one.first : one.last], language)]
            found = _with_known(names, by_rules())
        doubtful = {(one.first, one.last) for one in found if one.type != "PER" and one.score < SURE}
        if not doubtful:
            return found
        people = {
            (one.first, one.last): one
            for one in by_rules()
            if one.type == "PER" and one.score >= RULES_SURE and (one.first, one.last) in doubtful
        }
        if not people:
            return found
        heard = [
            replace(one, type="PER", score=max(one.score, people[one.first, one.last].score))
            if (one.first, one.last) in people
            else one
            for one in found
        ]
        return refined(heard, tokens, language)


def _is_name(words: Sequence[Token], language: str) -> bool:
    """Whether there is a capital, and more than one word of those that hold sentences together."""
    word, *more = words
    acronym = word.text.isupper() and len(word.text) > 1
    capital = any(token.text[0].isupper() or token.text[0].isdigit() for token in words)
    return capital and (bool(more) or acronym or word.key not in stopwords(language))


def _with_known(found: Sequence[Recognised], known: Sequence[Recognised]) -> list[Recognised]:
    """The names of the model, and places with a record that it did not see, or not whole."""
    added = [
        one
        for one in known
        if one.type == "LOC"
        and one.score >= KNOWN
        and all(_is_within(other, one) for other in found if _overlap(one, other))
    ]
    kept = [other for other in found if not any(_overlap(one, other) for one in added)]
    return sorted([*kept, *added], key=place)


def _is_within(inner: Recognised, outer: Recognised) -> bool:
    return inner.type == "LOC" and outer.first <= inner.first and inner.last <= outer.last


def _overlap(one: Recognised, other: Recognised) -> bool:
    return one.first < other.last and other.first < one.last
