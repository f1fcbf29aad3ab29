"""Stories of a channel in text, told to the real log, the real publisher and real deliveries.

Steps are separated by semicolons. Each is a time (``1:10`` is a minute and ten seconds after midnight,
``12:00:05`` a little after noon), a verb and its words:

``article a``       version 1 of an article, or the next one; with ``published=…`` (a time), ``score=0.9``
                    (of a topic), ``language=de``, ``story=flood``, ``alike=b``, ``text=…`` (one word)
``ingest a``        the same without its enrichment, which ``enrich a`` brings
``again a 1``       the enrichment of version 1, once more
``retouch a``       a version that differs where no reader looks
``withdraw a``      its end
``publish``         the publisher looks; ``restart`` puts another in its place, ``rival`` lets two look
``deliver``         all deliveries that are due are made; ``break ada`` and ``mend ada`` say how they end
``subscribe ada``   with ``quiet=22:00-07:00`` and ``urgent`` if need be; ``unsubscribe ada``
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

from newsfeed.channels import Channel
from newsfeed.documents import ArticleDocument, Language
from newsfeed.eventlog import Append
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.events import ArticleEnriched, ArticleIngested, ArticleRevised
from newsfeed.registry import Destination, SubscriptionCancelled
from newsfeed.testing.channels import digests
from newsfeed.testing.facts import document, enrichment_append, version_append
from newsfeed.testing.registering import fact, subscription_created
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.testing.town import put
from newsfeed.testing.transports import ScriptedTransport
from newsfeed.values import ArticleAlike, TopicFound
from newsfeed.vocabulary import ancestors
from services.publish.delivering import ChannelDeliveries
from services.publish.publisher import ChannelPublisher
from services.publish.transports import DELIVERED, Delivery, Outcome

TOPIC = "medtop:16000000"

Words = Sequence[str]


class Narrator:
    """One channel and its readers."""

    def __init__(self, timeline: Timeline, channel: Channel) -> None:
        self.timeline, self.log, self.channel = timeline, timeline.log, channel
        self.registry = RegistryLog(timeline.log.redis)
        self.transport = ScriptedTransport(self._outcome)
        self.publisher = self._publisher()
        self.deliveries = ChannelDeliveries(
            timeline.log.redis, channel.name, self.registry, {"scripted": self.transport}
        )
        self.now = moment(0)
        self.broken: set[str] = set()
        self.versions: dict[str, list[ArticleIngested | ArticleRevised]] = {}
        self.lengths: dict[str, int] = {}
        self.found: dict[str, Mapping[str, object]] = {}

    async def tell(self, story: str) -> None:
        """Step by step."""
        for step in story.split(";"):
            at, verb, *words = step.split()
            self.now = moment(seconds_of(at))
            await self.timeline.at(seconds_of(at))
            await getattr(self, f"_on_{verb}")(words)

    async def shown(self) -> list[str]:
        """The digests, each in a line: notices, items and what is beyond."""
        return [_line(one) for one in await digests(self.log.redis, self.channel.name)]

    def received(self) -> dict[str, list[int]]:
        """By subscriber the numbers of what was sent to them, failed attempts too."""
        names = dict.fromkeys(address for address, *_ in self.transport.sent)
        return {name: [n for address, n, *_ in self.transport.sent if address == name] for name in names}

    def _publisher(self) -> ChannelPublisher:
        return ChannelPublisher(self.log, self.channel, ancestors)

    def _outcome(self, delivery: Delivery) -> Outcome:
        return Outcome("retry", "unreachable") if delivery.subscription_id in self.broken else DELIVERED

    async def _on_article(self, words: Words) -> None:
        await self._on_ingest(words)
        await self._on_enrich(words)

    async def _on_ingest(self, words: Words) -> None:
        article_id, options = words[0], _options(words[1:])
        number = self.lengths.get(article_id, 0) + 1
        text = document(article_id, options.get("text", f"Version {number} of {article_id}."))
        await self._write(article_id, text, options)
        self.found[article_id] = _found(options)

    async def _write(self, article_id: str, text: ArticleDocument, options: Mapping[str, str]) -> None:
        number = self.lengths.get(article_id, 0) + 1
        append = version_append(article_id, number, text)
        at = options.get("published")
        event = append.event.model_copy(update={"published_at": moment(seconds_of(at)) if at else None})
        version = await put(self.log, Append(event, append.documents))
        assert isinstance(version, ArticleIngested | ArticleRevised)
        self.versions.setdefault(article_id, []).append(version)
        self.lengths[article_id] = number

    async def _on_enrich(self, words: Words) -> None:
        await self.timeline.enrich(self.versions[words[0]][-1], **self.found[words[0]])

    async def _on_again(self, words: Words) -> None:
        article_id, number = words
        append = enrichment_append(self.versions[article_id][int(number) - 1])
        event = append.event.model_copy(update={"event_id": uuid4()})
        assert isinstance(event, ArticleEnriched)
        await put(self.log, Append(event, append.documents, cause=append.cause))

    async def _on_retouch(self, words: Words) -> None:
        [article_id] = words
        text = document(article_id, f"Version {self.lengths[article_id]} of {article_id}.")
        await self._write(article_id, text.model_copy(update={"keywords": ("other",)}), {})
        await self._on_enrich(words)

    async def _on_withdraw(self, words: Words) -> None:
        [article_id] = words
        self.lengths[article_id] += 1
        await self.timeline.withdraw(article_id, self.lengths[article_id])

    async def _on_publish(self, _: Words) -> None:
        await self.publisher.publish_due(self.now)

    async def _on_restart(self, _: Words) -> None:
        self.publisher = self._publisher()

    async def _on_rival(self, _: Words) -> None:
        await asyncio.gather(self.publisher.publish_due(self.now), self._publisher().publish_due(self.now))

    async def _on_deliver(self, _: Words) -> None:
        while await self.deliveries.deliver_due(self.now):
            pass

    async def _on_break(self, words: Words) -> None:
        self.broken |= {*words}

    async def _on_mend(self, words: Words) -> None:
        self.broken -= {*words}

    async def _on_subscribe(self, words: Words) -> None:
        options = _options(words[1:])
        asked: dict[str, object] = {"quiet_hours": options["quiet"]} if "quiet" in options else {}
        asked |= {"urgent": True} if "urgent" in words else {}
        home = Destination(salt="00", address=words[0])
        created = subscription_created(
            words[0], transport="scripted", destination_sha256=home.sha256, options=asked
        ).model_copy(update={"occurred_at": self.now})
        await self.registry.change(lambda _: [created], [home])

    async def _on_unsubscribe(self, words: Words) -> None:
        ended = fact(SubscriptionCancelled, words[0], reason="one_click")
        told = ended.model_copy(update={"occurred_at": self.now})
        await self.registry.change(lambda _: [told])


def seconds_of(text: str) -> float:
    """Of a time such as ``1:10`` or ``12:00:05``."""
    total = 0.0
    for part in text.split(":"):
        total = total * 60 + float(part)
    return total


def _options(words: Words) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words if "=" in word)


def _found(options: Mapping[str, str]) -> dict[str, object]:
    """The fields of an enrichment that the words of a line ask for."""
    found: dict[str, object] = {}
    if "score" in options:
        found["topics"] = (TopicFound(id=TOPIC, score=float(options["score"])),)
    if "language" in options:
        found["language"] = Language(code=options["language"], confidence=1.0, method="detected")
    if "story" in options:
        found["story_id"] = options["story"]
    if "alike" in options:
        found["alike"] = (ArticleAlike(article_id=options["alike"], version=1, likeness=0.9),)
    return found


def _line(digest: Mapping[str, Any]) -> str:
    notices = [
        f"{one['kind']} of {one['article_id']} in {one['corrects']['digest']}" for one in digest["notices"]
    ]
    more = [f"{digest['more_count']} more"] if digest["more_count"] else []
    return ", ".join([*notices, *_items(digest["items"]), *more]) or "nothing"


def _items(items: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Each item, the first of a bundle's section behind the name of that."""
    section = None
    for item in items:
        begins = item.get("section") not in {section, None}
        section = item.get("section")
        yield f"{section}: {_item(item)}" if begins else _item(item)


def _item(item: Mapping[str, Any]) -> str:
    name = "+".join([item["article_id"], *(one["article_id"] for one in item["also"])])
    marks = ["late"] * item["late"] + [f"develops {item['develops']}"] * (item["develops"] is not None)
    version = f" v{item['version']}" if item["version"] > 1 else ""
    return name + version + "".join(f" ({mark})" for mark in marks)
