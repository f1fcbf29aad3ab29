"""The IPTC Media Topics: what each code means and what stands above it.

A topic id is ``medtop:`` and eight digits. The file behind it is read on first use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import orjson

SCHEME = "medtop:"


@dataclass(frozen=True, slots=True)
class _Concept:
    broader: tuple[str, ...]
    labels: Mapping[str, str]


@cache
def _concepts() -> dict[str, _Concept]:
    data = orjson.loads(files(__name__).joinpath("mediatopics.json").read_bytes())
    return {
        SCHEME + code: _Concept(tuple(SCHEME + parent for parent in entry["broader"]), entry["labels"])
        for code, entry in data.items()
    }


def topic_ids() -> tuple[str, ...]:
    """Every topic that is in use, in the order of the codes."""
    return tuple(_concepts())


@cache
def top_level() -> tuple[str, ...]:
    """The 17 topics that no other stands above, in the order of the codes."""
    return tuple(topic_id for topic_id, concept in _concepts().items() if not concept.broader)


def labels(topic_id: str) -> Mapping[str, str]:
    """The topic's labels by language (BCP 47); empty for an unknown topic."""
    concept = _concepts().get(topic_id)
    return {} if concept is None else concept.labels


def label(topic_id: str, language: str = "en") -> str:
    """The label in the language, else in its base language, else in English, else the id itself."""
    known = labels(topic_id)
    return known.get(language) or known.get(language.split("-", maxsplit=1)[0]) or known.get("en") or topic_id


@cache
def ancestors(topic_id: str) -> tuple[str, ...]:
    """All topics above, the nearest first; empty for a top-level or unknown topic."""
    found: list[str] = []
    queue = [topic_id]
    while queue:
        concept = _concepts().get(queue.pop(0))
        parents = () if concept is None else concept.broader
        new = [parent for parent in parents if parent not in found]
        found += new
        queue += new
    return tuple(found)
