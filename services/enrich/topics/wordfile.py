"""The word lists in ``data/topics/``, one a language: what speaks for which topic, and how much.

``[04]`` begins the words of the topic 04000000, ``[00]`` words that speak for nothing. A word is
``strike``, ``elect*`` (any ending), ``*steuer`` (any beginning), ``goal~`` (speaks weakly) or a phrase
``health_worker``, which is read before the words in it; a word under several topics is shared by them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from newsfeed import vocabulary
from services.enrich.text import fold
from services.enrich.wordlists import lines

FALLBACK = "en"
"""Read for a language without a list: names and loan words are often the same."""

NEAR = dict.fromkeys(("no", "nb", "nn"), "da")
"""Languages without a list whose news is written with nearly the words of another."""

WEAK = 0.35
"""What a word with a tilde counts beside one without."""

NOTHING = "00"


@dataclass(frozen=True, slots=True)
class Entry:
    """One word or phrase of a list: ``topic`` is empty where it speaks for nothing."""

    text: str
    topic: str
    weight: float
    open_start: bool = False
    open_end: bool = False

    @classmethod
    def of(cls, item: str, section: str) -> Entry:
        """Read one item; blanks of a phrase are written ``_``."""
        bare = item.rstrip("~")
        return cls(
            text=fold(bare.strip("*").replace("_", " ")),
            topic="" if section == NOTHING else f"{vocabulary.SCHEME}{section}000000",
            weight=WEAK if item.endswith("~") else 1.0,
            open_start=bare.startswith("*"),
            open_end=bare.endswith("*"),
        )


@cache
def languages() -> frozenset[str]:
    """The languages that have a list."""
    folder = files("services.enrich").joinpath("data", "topics")
    names = (file.name for file in folder.iterdir())
    return frozenset(name.removesuffix(".txt") for name in names if name.endswith(".txt"))


def entries(language: str) -> Iterator[Entry]:
    """All entries of the list of the language, in the order of the file."""
    section = NOTHING
    for line in lines(f"topics/{language}.txt"):
        if line.startswith("["):
            section = line.strip("[]")
        else:
            yield from (Entry.of(item, section) for item in line.split())
