"""The labels of the IPTC as words: topics below the top are found by all content words of theirs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from newsfeed import vocabulary
from services.enrich.text import tokenise
from services.enrich.topics.stems import stem

SHORTEST_TELLING = 5
"""Letters of a stem that speaks for a top topic because no other has it in its labels."""

SHORTEST_CONTENT = 3
_FUNCTION_WORDS = frozenset(
    """
    and or of the in for to by with et ou de du des la le les l d en à au aux dans sur par und oder der
    die das von im zur zum y o del los el para por e da do dos das em na no och eller av för med i eller
    af til med و في من other others autres sonstige general general issues issue matter matters
    """.split(),
)
_ORDINARY = frozenset(
    """
    agriculture book business building construction crime culture design drinking education employment
    environment family food government health history home housing justice labour language law life love
    market media medicine military money music nature news parent people plan policy politics poverty
    pricing protest religion research retail safety science security service society sport taxation
    teaching technology television trade training transport travel values war weather work world writing
    youth ability sharing state student teacher pool trust target start cut running mining
    """.split(),
)
"""English labels of one word that running text uses for much else: they name no topic below the top."""


@dataclass(frozen=True, slots=True)
class Labels:
    """``contents``: topic below the top to its stems; ``topics_of``: stem to these topics.

    ``stems`` are all of them; ``telling`` are those that labels of one top topic alone have.
    """

    contents: Mapping[str, frozenset[str]]
    topics_of: Mapping[str, tuple[str, ...]]
    stems: frozenset[str]
    telling: Mapping[str, str]


@cache
def top_topic(topic_id: str) -> str:
    """The topic itself, or the top-level one above it."""
    above = vocabulary.ancestors(topic_id)
    return above[-1] if above else topic_id


def of_language(language: str) -> Labels:
    """The labels in the language; empty where the vocabulary has none."""
    contents: dict[str, frozenset[str]] = {}
    topics_of: dict[str, list[str]] = defaultdict(list)
    tops: dict[str, set[str]] = defaultdict(set)
    for topic_id in vocabulary.topic_ids():
        stems = _content(vocabulary.labels(topic_id).get(language, ""), language)
        if not stems or not vocabulary.ancestors(topic_id):
            continue
        for each in stems:
            tops[each].add(top_topic(topic_id))
        if len(stems) > 1 or not _is_ordinary(topic_id):
            contents[topic_id] = stems
            for each in stems:
                topics_of[each].append(topic_id)
    return Labels(
        contents=contents,
        topics_of={key: tuple(ids) for key, ids in topics_of.items()},
        stems=frozenset(topics_of),
        telling={key: min(of) for key, of in tops.items() if len(of) == 1 and _tells(key)},
    )


def _is_ordinary(topic_id: str) -> bool:
    words = vocabulary.label(topic_id).casefold().replace("(", " ").split()
    return not set(words).isdisjoint(_ORDINARY)


def _tells(key: str) -> bool:
    return len(key) >= SHORTEST_TELLING


def _content(label: str, language: str) -> frozenset[str]:
    """The stems of the label's content words, without what stands in parentheses."""
    keys = [token.key for token in tokenise(label.split("(", maxsplit=1)[0])]
    if language == "zh":
        return frozenset()
    content = [key for key in keys if key not in _FUNCTION_WORDS and len(key) >= SHORTEST_CONTENT]
    return frozenset(stem(key, language) for key in content)
