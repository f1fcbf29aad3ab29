"""The words that speak for topics, by language: our seed words and the labels of the IPTC.

Words meet by stem: six letters (five in Arabic, without article and prefixes), endings cut first
where the language inflects; Chinese words meet by their characters.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache

from newsfeed import vocabulary
from services.enrich.inflection import inflects, stem
from services.enrich.text import tokenise
from services.enrich.wordlists import sections

STEM_LETTERS = 6
ARABIC_STEM_LETTERS = 5
SHORTEST_WORD = 3
LABEL_WEIGHT = 0.2
"""What a word of a label counts beside a seed word; only words of one top topic alone count."""

SHORTEST_LABEL_STEM = 5
LONGEST_CHINESE_WORD = 6
"""Characters."""

COMMON_TOPICS = 3
"""A stem that speaks for more top topics than this speaks for none."""

_ARABIC_ARTICLES = ("وال", "بال", "فال", "كال", "لل", "ال")
_ARABIC_ENDINGS = ("يون", "يين", "ات", "ون", "ين", "ية", "ان", "ها", "ه", "ة", "ي")
_IN_LABELS = frozenset(
    """
    and or of the in for to by with et ou de du des la le les en à au aux dans sur par und oder der
    die das des für von im zur zum y o del los las el para por e da do dos das em na no och eller av
    för med i og eller af til med و في من other others autres sonstige general general issues issue
    matter matters
    """.split(),
)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """``weights``: stem to top topics and how much it speaks for each; ``labels``: deep topic to stems."""

    language: str
    weights: dict[str, tuple[tuple[str, float], ...]]
    labels: dict[str, frozenset[str]]
    topics_of: dict[str, tuple[str, ...]]
    longest: int
    initials: frozenset[str]
    """Chinese only: the first characters of all words, and the most characters of one."""

    @staticmethod
    @cache
    def load(language: str) -> Lexicon:
        """The lexicon of the language, built on first use; English for a language without words."""
        known = {section.split(".")[0] for section in sections("topic_words.txt")}
        return _build(language if language in known else "en")


def top_topic(topic_id: str) -> str:
    """The topic itself, or the top-level one above it."""
    above = vocabulary.ancestors(topic_id)
    return above[-1] if above else topic_id


@lru_cache(maxsize=65_536)
def topic_stem(key: str, language: str) -> str:
    """The stem by which a folded word is looked up; empty for what is too short to speak."""
    if "\u4e00" <= key[:1] <= "\u9fff":
        return key
    if "\u0600" <= key[:1] <= "\u06ff":
        return _arabic_stem(key)
    if len(key) < SHORTEST_WORD:
        return ""
    if inflects(language) and language not in {"de", "nl", "sv", "da"}:
        key = stem(key, language)
    elif len(key) <= STEM_LETTERS and len(key) > SHORTEST_WORD:
        key = key.removesuffix("s") if not key.endswith("ss") else key
    return key[:STEM_LETTERS]


def _arabic_stem(key: str) -> str:
    for article in _ARABIC_ARTICLES:
        if key.startswith(article) and len(key) - len(article) >= SHORTEST_WORD:
            key = key[len(article) :]
            break
    for ending in _ARABIC_ENDINGS:
        if key.endswith(ending) and len(key) - len(ending) >= SHORTEST_WORD:
            key = key[: -len(ending)]
            break
    return key[:ARABIC_STEM_LETTERS] if len(key) >= SHORTEST_WORD or key == "فن" else ""


def _build(language: str) -> Lexicon:
    speaks: dict[str, dict[str, float]] = defaultdict(dict)
    for section, words in sections("topic_words.txt").items():
        of_language, number = section.split(".")
        if of_language == language:
            for word in words:
                speaks[topic_stem(word, language)][f"{vocabulary.SCHEME}{number}000000"] = 1.0
    labels = _labels(language)
    for each, top in _words_of_one_top(labels):
        if each not in speaks:
            speaks[each] = {top: LABEL_WEIGHT}
    weights = {
        key: tuple((topic, weight / len(topics)) for topic, weight in sorted(topics.items()))
        for key, topics in speaks.items()
        if key and len(topics) <= COMMON_TOPICS
    }
    topics_of: dict[str, list[str]] = defaultdict(list)
    for topic_id, stems in labels.items():
        for each in stems:
            topics_of[each].append(topic_id)
    by_stem = {key: tuple(ids) for key, ids in topics_of.items()}
    longest = min(max(map(len, weights), default=1), LONGEST_CHINESE_WORD)
    initials = frozenset(key[0] for key in (*weights, *by_stem))
    return Lexicon(language, weights, labels, by_stem, longest, initials)


def _words_of_one_top(labels: dict[str, frozenset[str]]) -> list[tuple[str, str]]:
    """Stems of labels that stand below one top topic only, with that topic."""
    tops: dict[str, set[str]] = defaultdict(set)
    for topic_id, stems in labels.items():
        for each in stems:
            tops[each].add(top_topic(topic_id))
    return sorted((key, min(of)) for key, of in tops.items() if len(of) == 1 and _is_telling(key))


def _is_telling(key: str) -> bool:
    return len(key) >= SHORTEST_LABEL_STEM or key[0] > "\u0600"


def _labels(language: str) -> dict[str, frozenset[str]]:
    """Topics below the top with the content stems of their label; Chinese labels are one stem."""
    found: dict[str, frozenset[str]] = {}
    for topic_id in vocabulary.topic_ids():
        label = vocabulary.labels(topic_id).get(language)
        if label and vocabulary.ancestors(topic_id):
            stems = _content_stems(label, language)
            if stems:
                found[topic_id] = stems
    return found


def _content_stems(label: str, language: str) -> frozenset[str]:
    bare = label.split("(", maxsplit=1)[0]
    if language == "zh":
        return frozenset({bare.strip()}) if len(bare.strip()) > 1 else frozenset()
    keys = [token.key for token in tokenise(bare) if token.key not in _IN_LABELS]
    return frozenset(filter(None, (topic_stem(key, language) for key in keys)))
