"""Names of people, places and organisations: F, exact in bounds and type, as the service finds them.

Each sentence is a text of its own, its words joined by blanks: what is measured is tokenising, model,
rules and refining together, and on some sets what is left of it when names are linked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from quality.measures import Measure, digest_of
from services.enrich.linking import Passage, link
from services.enrich.recognition.builtin import LEARNED
from services.enrich.recognition.recognised import Recogniser
from services.enrich.recognition.seconded import SecondedRecogniser
from services.enrich.recognition.tags import Span
from services.enrich.text import tokenise
from services.enrich.training import marked as marks
from services.enrich.training.corpora import Sentence, corpora, read
from services.enrich.training.scoring import Score, compare
from services.enrich.training.written import FOLDER

LINKED = frozenset(
    f"uner/{name}-test" for name in ("da_ddt", "de_pud", "en_pud", "pt_pud", "ru_pud", "sv_talbanken")
) | {"own/fr-desks-tune", "own/fr-desks-floor"}
"""Modern sets that are measured once more after linking, which adds, drops and retypes names."""


def measure(data: Path) -> Iterator[Measure]:
    """The development sets of the data, then our own sentences."""
    recogniser = SecondedRecogniser()
    for corpus in corpora(data, "dev"):
        sentences = read(corpus)
        yield _measure(corpus.name, scores(recogniser, sentences), corpus.path)
        if corpus.name in LINKED:
            found = scores(recogniser, sentences, linked=True)
            yield _measure(f"{corpus.name}, linked", found, corpus.path)
    yield from own(recogniser)


def own(recogniser: Recogniser) -> Iterator[Measure]:
    """Our own sentences, which are everywhere, in the languages that the model knows."""
    for path in sorted((FOLDER / "dev").glob("*.txt")):
        name, language = f"own/{path.stem}", path.stem.split("-")[0]
        if language not in LEARNED:
            continue
        marked = [marks.read(line) for line in marks.lines(path)]
        for suffix, find in (("", _recognised), (", linked", _linked)):
            if not suffix or name in LINKED:
                found = [find(recogniser, one.text, language) for one in marked]
                yield _measure(name + suffix, compare([one.names for one in marked], found), path)


def _measure(name: str, found: dict[str, Score], path: Path) -> Measure:
    detail = " ".join(f"{kind} {one.f:.3f}" for kind, one in found.items() if kind != "all")
    return Measure("entities", name, found["all"].f, digest_of([path]), detail)


def scores(
    recogniser: Recogniser, sentences: Sequence[Sentence], *, linked: bool = False
) -> dict[str, Score]:
    """As ``compare``, of whole sentences through the recogniser, and through linking if asked to."""
    find = _linked if linked else _recognised
    return compare(
        [_characters(one.words, one.spans) for one in sentences],
        [find(recogniser, " ".join(one.words), one.language) for one in sentences],
    )


def _recognised(recogniser: Recogniser, text: str, language: str) -> Iterable[Span]:
    found = recogniser.recognise(text, tokenise(text), language)
    return [(one.start, one.end, one.type) for one in found]


def _linked(recogniser: Recogniser, text: str, language: str) -> Iterable[Span]:
    tokens = tokenise(text)
    entities = link(Passage(text, tokens, language), recogniser.recognise(text, tokens, language))
    return sorted((at.start, at.end, one.type) for one in entities for at in one.mentions)


def _characters(words: Sequence[str], spans: Iterable[Span]) -> list[Span]:
    """The spans in characters of the words joined by blanks."""
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word) + 1)
    return [(starts[first], starts[last] - 1, label) for first, last, label in spans]
