"""IPTC Media Topics by lexicon: every top topic with its share of the evidence, a few deep ones.

A word in headline or lead counts twice; each repetition of a word counts less than the one before.
A deep topic needs all content words of its label, one of them twice, under a top topic that was
found; a label of one word needs it three times.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from newsfeed import vocabulary
from newsfeed.documents import Mention, Topic
from services.enrich.text import Token
from services.enrich.topic_lexicon import Lexicon, top_topic, topic_stem

TOP_SHARE = 0.15
"""A top topic with this share of all evidence is a topic of the article."""

LEAST_EVIDENCE = 1.5
"""Below it (about two different words, or one in the lead) nothing has been said."""

LEAD_FACTOR = 2.0
LONGEST_MENTIONS = 10
MOST_DEEP = 5
ONE_WORD_TIMES, SEVERAL_WORDS_TIMES = 3, 2
SHORTEST_ONE_WORD = 4
LABEL_REACH = 60
"""Characters within which the words of a label must meet once."""

DEEP_FACTOR = 0.9

Spots = dict[str, list[tuple[int, int]]]


def find_topics(
    tokens: Sequence[Token],
    language: str,
    lead_end: int,
    declared: tuple[str, ...] = (),
) -> tuple[Topic, ...]:
    """The topics of the text, the strongest first; ``declared`` codes stay, with score 1."""
    lexicon = Lexicon.load(language)
    spots = _spots(tokens, lexicon)
    evidence, words = _evidence(spots, lexicon, lead_end)
    scores = {topic: 1.0 for topic in map(_qualified, declared) if vocabulary.labels(topic)}
    shares = _shares(evidence)
    for topic, share in shares.items():
        scores.setdefault(topic, share)
    for topic, share in _deep(spots, lexicon, shares):
        scores.setdefault(topic, share)
        words[topic] = [span for key in lexicon.labels[topic] for span in spots[key]]
    ranked = sorted(scores, key=lambda topic: (-scores[topic], topic))
    return tuple(_topic(topic, scores[topic], words.get(topic, [])) for topic in ranked)


def _qualified(code: str) -> str:
    """``medtop:…`` of a bare code, of ``subj:…`` nothing."""
    return code if ":" in code else vocabulary.SCHEME + code


def _spots(tokens: Sequence[Token], lexicon: Lexicon) -> Spots:
    """Where each stem of the lexicon stands, as character ranges in order."""
    found: Spots = defaultdict(list)
    if lexicon.language == "zh":
        for key, span in _chinese(tokens, lexicon):
            found[key].append(span)
        return found
    for token in tokens:
        key = topic_stem(token.key, lexicon.language)
        if key in lexicon.weights or key in lexicon.topics_of:
            found[key].append((token.start, token.end))
    return found


def _chinese(tokens: Sequence[Token], lexicon: Lexicon) -> Iterator[tuple[str, tuple[int, int]]]:
    """The longest lexicon words from left to right."""
    index = 0
    while index < len(tokens):
        step = 1
        if tokens[index].key in lexicon.initials:
            for last in range(min(index + lexicon.longest, len(tokens)), index, -1):
                key = "".join(token.key for token in tokens[index:last])
                if key in lexicon.weights or key in lexicon.topics_of:
                    yield key, (tokens[index].start, tokens[last - 1].end)
                    step = last - index
                    break
        index += step


def _evidence(spots: Spots, lexicon: Lexicon, lead_end: int) -> tuple[dict[str, float], Spots]:
    """Top topic to its weight, and to the ranges that gave it."""
    evidence: dict[str, float] = defaultdict(float)
    words: Spots = defaultdict(list)
    for key, spans in spots.items():
        count = sum(LEAD_FACTOR if start < lead_end else 1.0 for start, _ in spans)
        for topic, weight in lexicon.weights.get(key, ()):
            evidence[topic] += weight * math.sqrt(count)
            words[topic] += spans
    return evidence, words


def _shares(evidence: Mapping[str, float]) -> dict[str, float]:
    total = sum(evidence.values())
    return {
        topic: round(weight / total, 3)
        for topic, weight in evidence.items()
        if weight >= LEAST_EVIDENCE and weight / total >= TOP_SHARE
    }


def _deep(spots: Spots, lexicon: Lexicon, shares: Mapping[str, float]) -> list[tuple[str, float]]:
    """Deep topics whose label is all there, the best first, at most five."""
    candidates = {topic for key in spots for topic in lexicon.topics_of.get(key, ())}
    found = []
    for topic in sorted(candidates):
        share = shares.get(top_topic(topic), 0.0)
        strength = _label_strength(spots, lexicon.labels[topic]) if share else 0
        if strength:
            found.append((strength, topic, round(share * DEEP_FACTOR, 3)))
    found.sort(key=lambda item: (-item[0], item[1]))
    return [(topic, score) for _, topic, score in found[:MOST_DEEP]]


def _label_strength(spots: Spots, stems: frozenset[str]) -> int:
    """How often the words of a label were seen together, or 0 if that is too seldom."""
    counts = [len(spots[key]) if key in spots else 0 for key in stems]
    if len(stems) == 1:
        long = len(next(iter(stems))) >= SHORTEST_ONE_WORD or counts[0] > ONE_WORD_TIMES
        return counts[0] if counts[0] >= ONE_WORD_TIMES and long else 0
    if min(counts) == 0 or max(counts) < SEVERAL_WORDS_TIMES or not _together(spots, stems):
        return 0
    return sum(counts)


def _together(spots: Spots, stems: frozenset[str]) -> bool:
    """Whether all stems occur once within a few words of each other."""
    places = sorted((span[0], key) for key in stems for span in spots[key])
    last: dict[str, int] = {}
    for start, key in places:
        last[key] = start
        if len(last) == len(stems) and start - min(last.values()) <= LABEL_REACH:
            return True
    return False


def _topic(topic_id: str, score: float, spans: Sequence[tuple[int, int]]) -> Topic:
    mentions = tuple(Mention(start=start, end=end) for start, end in sorted(set(spans))[:LONGEST_MENTIONS])
    return Topic(id=topic_id, label=vocabulary.label(topic_id), score=score, mentions=mentions)
