"""Sentences as headlines and hasty writers case them."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from services.enrich.training.corpora import Sentence

UPPER, TITLED, LOWERED = 0.05, 0.05, 0.02
"""How often a sentence is put in capitals, in title case, or begins with a small letter."""

LONGEST_HEADLINE = 25
"""Words."""


def recased(sentence: Sentence, draw: Random) -> Sentence:
    """The sentence, now and then in another case."""
    chance = draw.random()
    words = sentence.words
    if chance < UPPER:
        return replace(sentence, words=tuple(word.upper() for word in words))
    if chance < UPPER + TITLED and len(words) <= LONGEST_HEADLINE:
        return replace(sentence, words=tuple(word[:1].upper() + word[1:] for word in words))
    first_named = bool(sentence.spans) and sentence.spans[0][0] == 0
    if UPPER + TITLED <= chance < UPPER + TITLED + LOWERED and not first_named:
        return replace(sentence, words=(words[0].lower(), *words[1:]))
    return sentence
