"""What stands in a webhook: the heads of a digest and where to read all of it. Pure.

The same digest gives the same bytes on every attempt, and always less than 20 kB or so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from services.publish.transports import Delivery

MOST_HEADS = 40
LONGEST_TITLE = 200
"""Characters of a title; what is cut ends in an ellipsis."""
OF_DIGEST = (
    "channel",
    "channel_title",
    "number",
    "stream_id",
    "window",
    "sha256",
    "revision",
    "more_count",
    "supersedes",
)
OF_ITEM = (
    "article_id",
    "version",
    "title",
    "url",
    "language",
    "published_at",
    "source_id",
    "story_id",
    "late",
    "develops",
    "retracted_by",
)
OF_BUNDLES = ("sections", "section")
"""What is there only in a bundle's digests, and in their items."""
OF_NOTICE = ("kind", "article_id", "version", "title", "url", "corrects")


def payload(delivery: Delivery, public_url: str | None) -> bytes:
    """The body of the request for one digest: JSON with sorted keys."""
    digest = orjson.loads(delivery.bodies.get("json", b"{}"))
    items, notices = digest.get("items", []), digest.get("notices", [])
    data = {
        "delivery_id": str(delivery.delivery_id),
        "subscription_id": delivery.subscription_id,
        **{name: digest.get(name) for name in OF_DIGEST},
        **_of_bundle(digest),
        "url": digest_url(public_url, delivery),
        "item_count": len(items),
        "items": [_head(one, OF_ITEM) for one in items[:MOST_HEADS]],
        "notice_count": len(notices),
        "notices": [_head(one, OF_NOTICE) for one in notices[:MOST_HEADS]],
    }
    kind = "digest.test" if delivery.options.get("test") is True else "digest.published"
    return message(kind, delivery.occurred_at.isoformat(), data)


def message(kind: str, timestamp: str, data: Mapping[str, object]) -> bytes:
    """The frame of every webhook."""
    framed = {"type": kind, "timestamp": timestamp.replace("+00:00", "Z"), "data": data}
    return orjson.dumps(framed, option=orjson.OPT_SORT_KEYS)


def digest_url(public_url: str | None, delivery: Delivery) -> str | None:
    """The page of the digest; None where nobody can open one."""
    if not public_url:
        return None
    return f"{public_url.rstrip('/')}/channels/{delivery.channel}/digests/{delivery.number}"


def _head(shown: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, object]:
    head = {name: shown.get(name) for name in names} | _of_bundle(shown)
    title = head.get("title")
    if isinstance(title, str) and len(title) > LONGEST_TITLE:
        head["title"] = f"{title[: LONGEST_TITLE - 1]}…"
    url = head.get("url")
    if isinstance(url, str) and len(url) > LONGEST_TITLE * 2:
        head["url"] = None
    return head


def _of_bundle(shown: Mapping[str, Any]) -> dict[str, object]:
    return {name: shown[name] for name in OF_BUNDLES if name in shown}
