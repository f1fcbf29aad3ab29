"""The data sets: two columns (word, IOB2 tag), read and mapped to our labels.

``*/train`` trains, ``*/dev`` measures; no function here reads the other than it is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.enrich.recognition.tags import Span, spans_of

PEOPLE = "PER PERSON person politician writer musicalartist scientist researcher".split()
PLACES = "LOC GPE location country".split()
BODIES = "ORG organisation politicalparty university band corporation group".split()
OTHERS = """
    MISC OTH misc book poem album song event award election product creative-work conference magazine
    academicjournal theory WORK_OF_ART EVENT PRODUCT programlang astronomicalobject
""".split()
LABEL_OF = {
    **dict.fromkeys(PEOPLE, "PER"),
    **dict.fromkeys(PLACES, "LOC"),
    **dict.fromkeys(BODIES, "ORG"),
    **dict.fromkeys(OTHERS, "MISC"),
}
"""What the data sets call our labels; every other label is no name."""

FAMILIES = (
    "modern",
    "german",
    "historic",
    "tweets",
    "encyclopedic",
    "hungarian",
    "romanian",
    "silver",
    "written",
)
"""How a set was annotated: sets of one family agree on what a name is and where it ends."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words and their spans, the language (ISO 639-1) and the family of the set it is from."""

    words: tuple[str, ...]
    spans: tuple[Span, ...]
    language: str
    family: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """A file of sentences, named ``set/file``."""

    name: str
    path: Path

    @property
    def language(self) -> str:
        """ISO 639-1, told by the file's name; sets without one are English."""
        code = self.path.name[:2]
        return code if self.path.name[2] in "-_" else "en"

    @property
    def family(self) -> str:
        """One of ``FAMILIES``."""
        return _family(self.name)


def _family(name: str) -> str:
    starts = {
        "uner": "modern",
        "germeval": "german",
        "europeana": "historic",
        "newseye": "historic",
        "nerkor": "hungarian",
        "ronec": "romanian",
        "english-small/btc": "tweets",
        "english-small/wnut": "tweets",
        "english-small": "encyclopedic",
    }
    return next(family for start, family in starts.items() if name.startswith(start))


def data_folder(given: Path | None = None) -> Path:
    """The folder of the data sets: as given, or ``NEWSFEED_DATA_NLP``, or ``../shared/data-nlp``."""
    return given or Path(os.environ.get("NEWSFEED_DATA_NLP", "../shared/data-nlp"))


def corpora(folder: Path, part: str) -> list[Corpus]:
    """All files of one part (``train`` or ``dev``), by name."""
    files = sorted(folder.glob(f"*/{part}/*.iob2.tsv"))
    return [Corpus(f"{path.parts[-3]}/{path.name.removesuffix('.iob2.tsv')}", path) for path in files]


def read(corpus: Corpus) -> list[Sentence]:
    """All sentences of a file; raises ``OSError`` if it cannot be read."""
    return list(sentences(corpus))


def sentences(corpus: Corpus) -> Iterator[Sentence]:
    """The sentences of a file, one after the other."""
    words: list[str] = []
    tags: list[str] = []
    for line in [*corpus.path.read_text(encoding="utf-8").split("\n"), ""]:
        if line.strip():
            word, _, tag = line.partition("\t")
            words.append(word)
            tags.append(tag.strip())
        elif words:
            yield Sentence(tuple(words), _mapped(words, tags), corpus.language, corpus.family)
            words, tags = [], []


def _mapped(words: list[str], tags: list[str]) -> tuple[Span, ...]:
    """Our labels for theirs; a name of a person without any capital is a common noun and none."""
    found = [(first, last, LABEL_OF[label]) for first, last, label in spans_of(tags) if label in LABEL_OF]
    return tuple(
        span
        for span in found
        if span[2] != "PER" or any(word[:1].isupper() for word in words[span[0] : span[1]])
    )
