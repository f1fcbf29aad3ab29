"""From the data sets to the model file, in stages that are kept so that a stopped training goes on.

1. Two teachers: one of the gold sets alone, one of gold and written sentences.
2. Silver text, labelled by both.
3. Models that go on from the second teacher, each on another part of everything; ours is the mean of them
   and that teacher, which saw more of the languages and times that are rare in the news.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import numpy as np

from services.enrich.recognition.network import Network
from services.enrich.training.corpora import Sentence
from services.enrich.training.fitting import Arrays, Plan, averaged, fit, shipped
from services.enrich.training.mixing import gold, mixed, thinned
from services.enrich.training.silver import TREEBANKS, silver, treebank

TEACHER = Plan()
MODEL = Plan(learning_rate=1.5e-3)
MODELS = 3
STYLE, STYLE_SHARE = "modern", 0.8
"""How the model annotates: mostly as Universal NER does, and a little as no set in particular."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """``data`` is the folder of the sets, ``work`` where stages are kept; ``say`` is told how it goes."""

    data: Path
    work: Path
    say: Callable[[str], None]

    def model(self) -> Arrays:
        """The parameters of the model, by all stages."""
        return averaged([self._teachers()[1], *(self.part(number) for number in range(MODELS))])

    def part(self, number: int) -> Arrays:
        """One of the models whose mean is ours."""
        return self._stage(f"model-{number}", lambda: self._further(number))

    def _further(self, number: int) -> Arrays:
        own = list(thinned(self.sentences(), Random(number)))
        return fit(own, replace(MODEL, seed=number), self.say, self._teachers()[1])

    def sentences(self) -> list[Sentence]:
        """What the model is trained on."""
        return list(mixed(gold(self.data), self.silver(), Random(3)))

    def silver(self) -> list[Sentence]:
        """The silver text of every language that has a treebank."""
        teachers = [Network(shipped(parameters, TEACHER, "modern")) for parameters in self._teachers()]
        found: list[Sentence] = []
        for language in TREEBANKS:
            read = treebank(self.data, language)
            kept = silver(read, language, teachers)
            self.say(f"silver {language}: {len(kept)} of {len(read)} sentences")
            found += kept
        return found

    def _teachers(self) -> list[Arrays]:
        sets = gold(self.data)
        plain = [sentence for sentences in sets.values() for sentence in sentences]
        return [
            self._stage("teacher-gold", lambda: self._fitted(plain, replace(TEACHER, passes=2))),
            self._stage(
                "teacher-written",
                lambda: self._fitted(list(mixed(sets, [], Random(1))), TEACHER),
            ),
        ]

    def _fitted(self, sentences: Sequence[Sentence], plan: Plan) -> Arrays:
        return fit(sentences, plan, self.say)

    def _stage(self, name: str, make: Callable[[], Arrays]) -> Arrays:
        """The parameters kept under a name, or made and kept."""
        path = self.work / f"{name}.npz"
        if not path.exists():
            self.say(f"stage {name}")
            self.work.mkdir(parents=True, exist_ok=True)
            arrays = make()
            partial = path.with_suffix(".part.npz")
            np.savez(partial, **arrays)  # type: ignore[arg-type] # arrays by name
            partial.replace(path)
        with np.load(path) as kept:
            return {key: kept[key] for key in kept.files}
