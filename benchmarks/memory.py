"""Memory: texts once beside the log, packed, against events that carry the whole article each time."""

from __future__ import annotations

from statistics import median

from benchmarks.articles import enrich_all, ingested, texts
from benchmarks.measuring import PrivateRedis, Ratio, private_redis
from newsfeed.documents import ArticleDocument
from newsfeed.eventlog import Append, EventLog
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.eventlog.content import pack
from newsfeed.eventlog.manifest import open_manifest

ARTICLES = 2000
ROUNDS = 3
"""Each writes other texts; bytes do not wobble as seconds do."""


async def used_bytes(redis: PrivateRedis) -> int:
    """What Redis holds now, its own buffers included."""
    return int((await redis.client.info("memory"))["used_memory"])


async def bytes_per_article(redis: PrivateRedis, documents: list[ArticleDocument]) -> tuple[float, float]:
    """What an article and its enrichment take: in our log, and with everything in every event."""
    await redis.client.flushall()
    log = EventLog(redis.client, await open_manifest(redis.client, 1))
    empty = await used_bytes(redis)
    repeated: list[bytes] = []
    for start in range(0, ARTICLES, MAX_BATCH):
        batch = [ingested(n, d) for n, d in enumerate(documents[start : start + MAX_BATCH], start)]
        repeated += [plain(append) for append in batch]
        positions = await log.append(0, batch)
        entries = await log.entries(0, positions)
        reactions = await enrich_all(log, 0, [entries[p].readable() for p in positions])
        await log.append(0, [append for [append] in reactions])
        repeated += [plain(found, a) for a, [found] in zip(batch, reactions, strict=True)]
    ours = await used_bytes(redis) - empty
    await redis.client.flushall()
    empty = await used_bytes(redis)
    for data in repeated:
        await redis.client.xadd("stream", {"__data__": data})
    return ours / ARTICLES, (await used_bytes(redis) - empty) / ARTICLES


def plain(fact: Append, *causes: Append) -> bytes:
    """An event with its texts and those of its cause inside: what one writes without a content store."""
    texts_inside = [d.canonical_bytes() for append in (fact, *causes) for d in append.documents]
    head = fact.event.model_dump_json(exclude={"position", "recorded_at"}, exclude_none=True).encode()
    return head[:-1] + b',"texts":[' + b",".join(texts_inside) + b"]}"


async def measure(_: int) -> list[Ratio]:
    """Bytes of Redis per article."""
    async with private_redis() as redis:
        pairs: list[tuple[float, float]] = []
        shares: list[float] = []
        for seed in range(ROUNDS):
            documents = [ArticleDocument(title=title, body=body) for title, body in texts(ARTICLES, seed)]
            pairs.append(await bytes_per_article(redis, documents))
            written = [document.canonical_bytes() for document in documents]
            shares.append(sum(len(pack(text)) for text in written) / sum(map(len, written)))
    ours, repeated = (median(side) for side in zip(*pairs, strict=True))
    detail = f"{ours:,.0f} against {repeated:,.0f} bytes an article; texts pack to {median(shares):.2f}"
    values = [own / theirs for own, theirs in pairs]
    return [Ratio("texts once / in every event", values, detail, target=0.5, at_most=True)]
