"""Publish: which of many channels an article belongs to, by the index; against few channels, and a loop."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

from benchmarks.articles import NOON, enriched, ingested, texts
from benchmarks.measuring import Ratio, alternate, timed
from newsfeed.channels import Channel
from newsfeed.documents import ArticleDocument, EnrichmentDocument
from newsfeed.events import ArticleEnriched, ArticleIngested
from newsfeed.vocabulary import ancestors, topic_ids
from services.publish.candidates import Candidate
from services.publish.channel_index import ChannelIndex
from services.publish.matching import why

FEW, MANY = 10, 1000
ARTICLES = 1000
"""Of a round: nine rounds, and one to warm up, are 10,000."""
LOOPED = 50
"""Articles that a loop over all channels is given: it would take minutes for all."""
FLAT = 2.0
"""A hundred times the channels may cost so many times as much."""


def candidates(count: int) -> list[Candidate]:
    """Articles of about 3,000 characters, with eight entities and three topics each."""
    return [_candidate(number, title, body) for number, (title, body) in enumerate(texts(count))]


def _candidate(number: int, title: str, body: str) -> Candidate:
    document = ArticleDocument(title=title, body=body)
    version = ingested(number, document).event.model_copy(update={"position": 1, "recorded_at": NOON})
    assert isinstance(version, ArticleIngested)
    append = enriched(version, document)
    [found] = append.documents
    assert isinstance(append.event, ArticleEnriched)
    assert isinstance(found, EnrichmentDocument)
    return Candidate(0, 2, version, append.event, document, found)


def channels(count: int, articles: list[Candidate]) -> list[Channel]:
    """Queries as editors write them: words, phrases, entities, topics and combinations of what is rare."""
    random, topics, rare = Random(2), topic_ids(), _rare_words(articles)  # noqa: S311 nothing secret
    made = []
    for number in range(count):
        one, other = random.choice(rare), random.choice(rare)
        entity, topic = random.choice(random.choice(articles).enriched.entities).id, random.choice(topics)
        query = (
            f'"{one} {other}"',
            f'("{one}" OR "{other}") language:en NOT "{random.choice(rare)}"',
            f"entity:{entity} score>=0.5",
            f'topic:{topic.removeprefix("medtop:")} OR title:"{one}"',
            f'lead:"{one}" OR {other}x* OR (source:other urgency<=3)',
        )[number % 5]
        made.append(Channel(name=f"c{number}", title="A channel", every_seconds=60, query=query))
    return made


def _rare_words(articles: list[Candidate]) -> list[str]:
    """Words that at most one article in a hundred has."""
    seen = Counter(key for article in articles if article.words for key in article.words.keys)
    return sorted(word for word, count in seen.items() if count * 100 <= len(articles) and word.isalpha())


class Arms:
    """The same articles, asked of few channels and of many."""

    def __init__(self) -> None:
        self._articles = candidates(ARTICLES)
        self._channels = channels(MANY, self._articles)
        self._few = ChannelIndex(self._channels[:FEW])
        self._many = ChannelIndex(self._channels)

    async def few(self) -> float:
        """Ten channels, by the index."""
        return self._matched(self._few)

    async def many(self) -> float:
        """A thousand channels, by the index."""
        return self._matched(self._many)

    async def loop(self) -> float:
        """A thousand channels, one after the other."""
        fresh = [replace(one) for one in self._articles[:LOOPED]]
        with timed() as watch:
            for article in fresh:
                for channel in self._channels:
                    why(channel, article, ancestors)
        return watch.seconds / LOOPED

    def _matched(self, index: ChannelIndex) -> float:
        """Seconds an article; its words are cut anew each time."""
        fresh = [replace(one) for one in self._articles]
        with timed() as watch:
            for article in fresh:
                index.matching(article, ancestors)
        return watch.seconds / len(fresh)


async def measure(rounds: int) -> list[Ratio]:
    """What an article costs among a thousand channels."""
    arms = Arms()
    figures = await alternate({"few": arms.few, "many": arms.many, "loop": arms.loop}, rounds)
    few, many, loop = ([seconds * 1e6 for seconds in figures[name]] for name in ("few", "many", "loop"))
    return [
        Ratio(
            "match 1000 / 10 channels",
            [theirs / own for own, theirs in zip(few, many, strict=True)],
            f"{sorted(many)[len(many) // 2]:,.0f} against {sorted(few)[len(few) // 2]:,.0f} us an article",
            FLAT,
            at_most=True,
        ),
        Ratio(
            "match by index / by loop",
            [own / theirs for own, theirs in zip(many, loop, strict=True)],
            f"{sorted(many)[len(many) // 2]:,.0f} against {sorted(loop)[len(loop) // 2]:,.0f} us an article",
        ),
    ]
