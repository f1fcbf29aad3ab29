"""Making a digest a fact: its bytes in every format, the revisions that follow from it, and one call."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Sequence

from newsfeed import logs
from newsfeed.channels import Channel
from newsfeed.envelope import derive_id
from newsfeed.errors import Poisonous
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.cursor import Cursor
from newsfeed.eventlog.redaction import redact
from newsfeed.events import DigestPublished, WindowSkipped
from newsfeed.values import DigestRevised, ItemPublished, NoticePublished, Window
from services.publish.candidates import Candidate
from services.publish.digests import Digest
from services.publish.rendering import Rendered, render
from services.publish.revising import revisions


class RenderingFailed(Poisonous):
    """A template or time zone could not be read; as a bare OSError it would look as if Redis were away."""


class Press:
    """Brings out what one channel has to say."""

    def __init__(self, log: EventLog, channel: Channel, facts: ChannelLog) -> None:
        self._log = log
        self._channel = channel
        self._facts = facts

    async def skip(self, cursor: Cursor, window: Window) -> None:
        """Record that a window held nothing."""
        window_id = cursor.next_id(window.closed_at)
        event_id = derive_id("skipped", self._channel.name, window_id)
        fact = WindowSkipped(
            event_id=event_id,
            occurred_at=window.closed_at,
            correlation_id=event_id,
            channel=self._channel.name,
            channel_version=self._channel.version,
            window=window,
        )
        await self._facts.close(window_id, cursor, fact, cursor.number)
        logs.get_logger().debug("publish.window_skipped", channel=self._channel.name, window_id=window_id)

    async def bring_out(
        self,
        cursor: Cursor,
        digest: Digest,
        items: Sequence[ItemPublished],
        notices: Sequence[NoticePublished],
        *,
        candidates: Iterable[Candidate] = (),
        extra: bool = False,
    ) -> None:
        """Render a digest and make it a fact; ``extra`` if it covers nothing."""
        rendered = await self._rendered(digest)
        fact = self._fact(digest, items, notices, extra=extra).model_copy(
            update={"revises": await self._revised(digest), "bodies": await self._stored(rendered)}
        )
        await self._facts.close(digest.stream_id, cursor, fact, digest.number, rendered["json"])
        await self._take_erased_out(fact)
        logs.get_logger().info(
            "publish.digest_published",
            channel=self._channel.name,
            number=digest.number,
            stream_id=digest.stream_id,
            item_count=len(items),
            notice_count=len(notices),
            article_ids=[*(item.article_id for item in items), *(notice.article_id for notice in notices)],
            correlation_ids=sorted({str(one.enriched.correlation_id) for one in candidates}),
            sha256=digest.sha256,
            supersedes=digest.supersedes,
        )

    def _fact(
        self,
        digest: Digest,
        items: Sequence[ItemPublished],
        notices: Sequence[NoticePublished],
        *,
        extra: bool,
    ) -> DigestPublished:
        """The fact but for what is rendered."""
        event_id = derive_id("digest", self._channel.name, digest.stream_id)
        return DigestPublished(
            event_id=event_id,
            occurred_at=digest.window.closed_at,
            correlation_id=event_id,
            channel=self._channel.name,
            channel_version=self._channel.version,
            number=digest.number,
            window=digest.window,
            items=tuple(items),
            notices=tuple(notices),
            bodies={},
            extra=extra,
            supersedes=digest.supersedes,
        )

    async def _revised(self, digest: Digest) -> tuple[DigestRevised, ...]:
        """The earlier digests that show a tombstone from this one on, their bodies stored."""
        revised = [
            DigestRevised(
                number=one.digest.number,
                revision=one.digest.revision,
                article_ids=one.article_ids,
                bodies=await self._stored(await self._rendered(one.digest)),
            )
            for one in await revisions(self._facts, digest.notices, digest)
        ]
        return tuple(revised)

    async def _stored(self, rendered: Rendered) -> dict[str, str]:
        """The sha256 of each body; the bodies stand in Redis before the fact that names them."""
        named = {name: hashlib.sha256(body).hexdigest() for name, body in rendered.items()}
        await self._facts.write_bodies({sha256: rendered[name] for name, sha256 in named.items()})
        return named

    async def _take_erased_out(self, fact: DigestPublished) -> None:
        """What was erased while the digest was made is in it; who dies before this leaves it to `keep`."""
        ends = {one.partition: one.through for one in fact.window.ranges}
        heads = await self._log.heads(fact.article_ids)
        erased = {
            article_id
            for article_id, head in heads.items()
            if head.erased > ends[self._log.partition_of(article_id)]
        }
        if erased:
            await redact(self._log.redis, self._channel.name, erased)

    async def _rendered(self, digest: Digest) -> Rendered:
        try:
            return await asyncio.to_thread(render, digest, self._channel)
        except OSError as error:
            raise RenderingFailed("rendering_failed", type(error).__name__) from error
