"""Stories of our own gold set: articles as they come, enriched, and told to an index in the order of time."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from newsfeed.documents import ArticleDocument
from quality.measures import GOLD, Measure, digest_of
from services.enrich.enricher import Enricher
from services.enrich.profiles import Findings, Named, Place, Profile, profile_of
from services.enrich.stories import decide
from services.enrich.story_fill import profile_of_document
from services.enrich.story_memory import MemoryIndex
from services.enrich.story_records import Record, StoryIndex
from services.enrich.text import tokenise

FILE = GOLD / "stories.yaml"
FIRST_MS = 1_772_438_400_000
HOUR_MS = 3_600_000


def measure(_data: Path) -> Iterator[Measure]:
    """As ``own``: the set is everywhere."""
    yield from own()


def own() -> Iterator[Measure]:
    """Pairwise and B³ F of both halves; thresholds of stories were tuned on ``tune``."""
    enricher, digest = Enricher(), digest_of([FILE])
    for half, articles in halves().items():
        gold = [one["story"] for one in articles]
        profiles = [found_profile(number, one, enricher) for number, one in enumerate(articles)]
        found = asyncio.run(clustered(profiles))
        detail = f"{len(gold)} articles"
        yield Measure("stories", f"{half}/pairs", pairwise_f(gold, found), digest, detail)
        yield Measure("stories", f"{half}/b-cubed", b_cubed_f(gold, found), digest, detail)


def halves() -> dict[str, list[dict[str, Any]]]:
    """The articles of each half of the gold set."""
    loaded: dict[str, list[dict[str, Any]]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return loaded


def found_profile(number: int, article: dict[str, Any], enricher: Enricher) -> Profile:
    """What an article's story is told by, as it is found in its text."""
    document = ArticleDocument(title=article["title"], body=article["body"])
    return profile_of_document(_place(number, article), document, enricher.enrich(document))


def given_profile(number: int, article: dict[str, Any]) -> Profile:
    """The same, had everything been found that the set says is there."""
    document = ArticleDocument(title=article["title"], body=article["body"])
    found = Findings(
        article["language"],
        tuple(_named(spec, place) for place, spec in enumerate(article["entities"])),
        frozenset(f"medtop:{code}000000" for code in article["topics"]),
    )
    return profile_of(_place(number, article), tokenise(document.text), len(document.text), found)


def _place(number: int, article: dict[str, Any]) -> Place:
    return Place(f"a{number}", 1, FIRST_MS + article["at"] * HOUR_MS)


def _named(spec: str, place: int) -> Named:
    """An entity as the set writes it; the headline's own come first."""
    salience = (1.0, 0.7, 0.5, 0.4)[place]
    if spec.startswith("p:"):
        return Named(f"local:{spec[2:]}", "PER", salience)
    if spec.startswith("o:"):
        return Named(f"local:{spec[2:]}", "ORG", salience)
    return Named(spec, "LOC" if spec.startswith(("iso3166:", "place:")) else "ORG", salience)


async def clustered(profiles: Sequence[Profile], index: StoryIndex | None = None) -> list[str]:
    """The story of each article, told in the order of time."""
    index = index or MemoryIndex()
    found: dict[str, str] = {}
    for one in sorted(profiles, key=lambda each: (each.at_ms, each.article_id)):
        seen = await index.look(one.article_id, one.names, one.at_ms)
        decision = decide(one, seen)
        await index.place(Record.of(one, decision), seen)
        found[one.article_id] = decision.story_id
    return [found[one.article_id] for one in profiles]


def pairwise_f(gold: Sequence[str], found: Sequence[str]) -> float:
    """F of "these two are of one story" over all pairs."""
    same_gold = {pair for pair in combinations(range(len(gold)), 2) if gold[pair[0]] == gold[pair[1]]}
    same = {pair for pair in combinations(range(len(gold)), 2) if found[pair[0]] == found[pair[1]]}
    return 2 * len(same & same_gold) / (len(same) + len(same_gold))


def b_cubed_f(gold: Sequence[str], found: Sequence[str]) -> float:
    """F of the mean precision and recall of each article's own story."""
    groups: tuple[dict[str, set[int]], dict[str, set[int]]] = (defaultdict(set), defaultdict(set))
    for number, pair in enumerate(zip(gold, found, strict=True)):
        for group, name in zip(groups, pair, strict=True):
            group[name].add(number)
    overlaps = [
        (len(groups[0][one] & groups[1][other]), len(groups[0][one]), len(groups[1][other]))
        for one, other in zip(gold, found, strict=True)
    ]
    recall = sum(both / size for both, size, _ in overlaps) / len(gold)
    precision = sum(both / size for both, _, size in overlaps) / len(gold)
    return 2 * precision * recall / (precision + recall)
