"""Prose that nobody wrote: invented words, used as often as words are, in sentences and paragraphs.

At the length of a news article it packs about as well as English does; the memory benchmark prints how well.
"""

from __future__ import annotations

from itertools import accumulate
from random import Random

COMMON = (
    "the of and to a in that is was for it with as his on be at by had not are but from or have an they "
    "which one were all her there been their we has more when will would who so said"
).split()
ONSETS = "b bl br c ch cl cr d dr f fl fr g gr h j k l m n p pl pr qu r s sh sl st str t th tr v w".split()
VOWELS = "a e i o u ai ea ee ie oa ou".split()
CODAS = ["", "", "", *"b ck d l ll m n nd ng nt p r rd rn s ss st t th x".split()]

INVENTED_WORDS = 6000
SENTENCES = (3, 6)
WORDS = (7, 24)


class Prose:
    """An endless writer; the same seed writes the same."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 nothing secret
        words = Random(0)  # noqa: S311 the language is the same for all writers
        invented = ["".join(_syllables(words)) for _ in range(INVENTED_WORDS)]
        self._words = [*COMMON, *invented]
        self._weights = list(accumulate(1 / (rank + 3) for rank in range(len(self._words))))

    def title(self) -> str:
        """A headline."""
        return " ".join(self._some(7)).capitalize()

    def body(self, characters: int = 3000) -> str:
        """Paragraphs of at least so many characters in all."""
        paragraphs: list[str] = []
        while sum(map(len, paragraphs)) < characters:
            paragraphs.append(" ".join(self._sentence() for _ in range(self._random.randint(*SENTENCES))))
        return "\n\n".join(paragraphs)

    def _sentence(self) -> str:
        words = self._some(self._random.randint(*WORDS))
        if len(words) > sum(WORDS) // 2:
            words[len(words) // 2] += ","
        if self._random.random() < 0.2:  # noqa: PLR2004 one sentence in five has a figure
            words.insert(-1, str(self._random.randint(2, 9999)))
        return f"{' '.join(words).capitalize()}."

    def _some(self, count: int) -> list[str]:
        return self._random.choices(self._words, cum_weights=self._weights, k=count)


def _syllables(random: Random) -> list[str]:
    return [
        random.choice(ONSETS) + random.choice(VOWELS) + random.choice(CODAS)
        for _ in range(random.choice((1, 2, 2, 3)))
    ]
