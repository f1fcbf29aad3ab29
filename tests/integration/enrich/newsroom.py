"""Articles that arrive and are enriched, step by step, so that a test can stop between any two."""

from __future__ import annotations

from datetime import timedelta

from newsfeed.documents import ArticleDocument
from newsfeed.eventlog import Append, ArticleLog
from newsfeed.events import ArticleEnriched, LogEvent
from newsfeed.testing.facts import NOON, erased_append, version_append, withdrawn_append
from services.enrich.enricher import Enricher
from services.enrich.handlers import enrich_handler
from services.enrich.story_records import StoryIndex

FERRY = ArticleDocument(
    title="Ferry catches fire near Geneva",
    body="A ferry caught fire on the lake near Geneva on Monday. Twelve passengers were hurt, and the captain"
    " of the ferry was questioned by the police in Geneva. The fire began in the engine room.",
)
FERRY_AGAIN = ArticleDocument(
    title="Ferry catches fire near Geneva",
    body=FERRY.body + " The lake is closed to ships.",
)
FERRY_LATER = ArticleDocument(
    title="Captain of the Geneva ferry released",
    body="The captain of the ferry that caught fire on the lake near Geneva was freed on Tuesday by police."
    " The fire in the engine room hurt twelve passengers. The ferry will be towed to Geneva.",
)
BANK = ArticleDocument(
    title="Norway keeps interest rates",
    body="The central bank of Norway left its interest rate where it was. Economists in Oslo expected a cut.",
)


class Newsroom:
    """One log, one index, and a handler that any number of others may have, too."""

    def __init__(self, log: ArticleLog, index: StoryIndex) -> None:
        self.log = log
        self._react = enrich_handler(log, Enricher(), index).react
        self.made: list[Append] = []

    async def tell(self, append: Append) -> LogEvent:
        """Put a fact in the log; as it stands there."""
        event = append.event
        partition = self.log.partition_of(event.subject)
        position = (await self.log.append(partition, [append]))[0]
        entry = await self.log.entry(partition, position)
        assert entry
        return entry.readable()

    async def arrive(
        self, article_id: str, text: ArticleDocument, *, version: int = 1, hours: float = 0
    ) -> LogEvent:
        """A version of an article comes in, published so many hours after the first noon."""
        append = version_append(article_id, version, text)
        at = {"published_at": NOON + timedelta(hours=hours)}
        return await self.tell(Append(append.event.model_copy(update=at), append.documents))

    async def withdraw(self, article_id: str, version: int) -> LogEvent:
        return await self.tell(withdrawn_append(article_id, version))

    async def erase(self, article_id: str, version: int, *texts: ArticleDocument) -> LogEvent:
        return await self.tell(erased_append(article_id, version, *(text.sha256 for text in texts)))

    async def react(self, *events: LogEvent) -> list[ArticleEnriched]:
        """What enrich makes of events of one partition; nothing is in the log yet."""
        partition = self.log.partition_of(events[0].subject)
        self.made = [one for each in await self._react(partition, events) for one in each]
        return [append.event for append in self.made if isinstance(append.event, ArticleEnriched)]

    async def commit(self) -> None:
        """Put into the log what was made last."""
        for append in self.made:
            await self.log.append(self.log.partition_of(append.event.subject), [append])

    async def enrich(self, *events: LogEvent) -> list[ArticleEnriched]:
        """Both."""
        found = await self.react(*events)
        await self.commit()
        return found

    async def story(self, article_id: str, text: ArticleDocument, hours: float = 0) -> str | None:
        """The story of an article that arrives and is enriched."""
        return (await self.enrich(await self.arrive(article_id, text, hours=hours)))[0].story_id
