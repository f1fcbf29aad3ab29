"""The topics of a text: what its words speak for, weighed with what its source and a model say.

A word in headline or lead counts twice; each repetition of a word counts less than the one before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal

from newsfeed import vocabulary
from newsfeed.documents import Mention, Topic
from services.enrich.text import Token
from services.enrich.topics.deep import find_deep
from services.enrich.topics.lexicon import Lexicon
from services.enrich.topics.spotting import Span, Spots, spot

TOP_SHARE = 0.15
"""A top topic with this share of all evidence is a topic of the article."""

PRIMARY_MARGIN = 0.25
"""How far the first top topic leads the second, as a part of its own score, to be the primary one."""

LEAST_EVIDENCE, LEAST_BESIDE = 1.0, 1.5
"""What must speak for the first topic (one word), and for others (two, or one in the lead)."""

UNSAID = 1.0
"""Evidence that no topic gets: little evidence gives no high share."""

LEAD_FACTOR = 2.0
MOST_MENTIONS = 10
SUBJECT_DIGITS = 8

Method = Literal["lexicon", "model", "declared"]


def find_topics(
    tokens: Sequence[Token],
    language: str,
    lead_end: int,
    declared: Sequence[str] = (),
    modelled: Mapping[str, float] | None = None,
    model_weight: float = 0.5,
) -> tuple[Topic, ...]:
    """The topics of the text, the strongest first; ``declared`` codes stay, with score 1.

    ``modelled`` is what a newsroom's model says (topic to probability, for each topic that it knows);
    of these topics the score is the model's by ``model_weight`` (0 to 1) and the lexicon's for the rest.
    """
    lexicon = Lexicon.load(language)
    spots = spot(tokens, lexicon)
    evidence, words = weigh(spots, lead_end)
    said = shares(evidence)
    tops = {topic: share for topic, share in said.items() if share >= TOP_SHARE}
    scores = tops if modelled is None else blend(said, modelled, model_weight)
    methods: dict[str, Method] = {topic: "lexicon" if topic in tops else "model" for topic in scores}
    for topic, score in find_deep(spots, lexicon.labels, tops).items():
        scores.setdefault(topic, score)
        words.setdefault(topic, [span for key in lexicon.labels.contents[topic] for span in spots.stems[key]])
    primary = _primary(scores)
    for topic in filter(None, map(known_topic, declared)):
        scores[topic], methods[topic] = 1.0, "declared"
    return tuple(
        Topic(
            id=topic,
            label=vocabulary.label(topic),
            score=scores[topic],
            mentions=_mentions(words.get(topic, ())),
            primary=topic == primary,
            method=methods.get(topic, "lexicon"),
        )
        for topic in sorted(scores, key=lambda topic: (-scores[topic], topic != primary, topic))
    )


def known_topic(code: str) -> str | None:
    """The topic id of a code that a wire gives, or None for one that the vocabulary does not have.

    ``medtop:20000058``, ``20000058``, and subject codes ``subj:16001000`` and ``16001000``, of which
    only the top topic is the same in both vocabularies.
    """
    scheme, _, number = code.strip().casefold().rpartition(":")
    if scheme not in {"", "medtop", "subj"} or len(number) != SUBJECT_DIGITS or not number.isascii():
        return None
    exact, top = vocabulary.SCHEME + number, f"{vocabulary.SCHEME}{number[:2]}000000"
    if scheme != "subj" and vocabulary.labels(exact):
        return exact
    return top if scheme != "medtop" and vocabulary.labels(top) else None


def weigh(spots: Spots, lead_end: int) -> tuple[dict[str, float], dict[str, list[Span]]]:
    """Top topic to its evidence, and to the ranges that gave it."""
    evidence: dict[str, float] = defaultdict(float)
    words: dict[str, list[Span]] = defaultdict(list)
    for sense, spans in spots.senses.items():
        count = sum(LEAD_FACTOR if start < lead_end else 1.0 for start, _ in spans)
        for topic, weight in sense.weights:
            evidence[topic] += weight * count**0.5
            words[topic] += spans
    return evidence, words


def shares(evidence: Mapping[str, float]) -> dict[str, float]:
    """Top topic to its share of all evidence; without those that too little speaks for."""
    total = sum(evidence.values()) + UNSAID
    most = max(evidence.values(), default=0.0)
    return {
        topic: round(one / total, 3)
        for topic, one in evidence.items()
        if one >= (LEAST_EVIDENCE if one == most else LEAST_BESIDE)
    }


def blend(said: Mapping[str, float], modelled: Mapping[str, float], model_weight: float) -> dict[str, float]:
    """The scores of lexicon and model weighed, without what is below the threshold."""
    mixed = {
        topic: round(said.get(topic, 0.0) * (1 - model_weight) + modelled[topic] * model_weight, 3)
        if topic in modelled
        else said[topic]
        for topic in {*said, *modelled}
    }
    return {topic: score for topic, score in mixed.items() if score >= TOP_SHARE}


def _primary(scores: Mapping[str, float]) -> str | None:
    """The top topic that leads all others clearly."""
    tops = sorted((score, topic) for topic, score in scores.items() if not vocabulary.ancestors(topic))
    if not tops:
        return None
    second = tops[-2][0] if len(tops) > 1 else 0.0
    return tops[-1][1] if tops[-1][0] - second >= PRIMARY_MARGIN * tops[-1][0] else None


def _mentions(spans: Sequence[Span]) -> tuple[Mention, ...]:
    return tuple(Mention(start=start, end=end) for start, end in sorted(set(spans))[:MOST_MENTIONS])
