"""Deliveries and destinations with sensible values."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import orjson

from newsfeed.deliveries import delivery_id
from newsfeed.registry import Destination
from newsfeed.testing.facts import NOON

SECRET = "whsec_" + "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0"
"""27 bytes that are nobody's secret."""


def digest_json(number: int = 3, **fields: object) -> bytes:
    """The JSON of a digest with one item and one notice."""
    item = {
        "article_id": "aaaaaa00-1111",
        "version": 1,
        "title": "Ada opens bridge",
        "url": "https://news.example/bridge",
        "summary": "It is open.",
        "language": "en",
    }
    notice = {"kind": "correction", "article_id": "bbbbbb00-3333", "version": 2, "corrects": {"digest": 2}}
    shown = {"channel": "latest", "number": number, "items": [item], "notices": [notice], "sha256": "0" * 64}
    return orjson.dumps({**shown, **fields})


def delivery_fields(attempt: int = 1, number: int = 3, **fields: object) -> dict[str, Any]:
    """The fields of a delivery to the subscription ``ada``; attempts come a minute apart, from noon on."""
    bodies = {
        "json": digest_json(number),
        "text": b"Ada opens bridge\n",
        "html": b"<h1>Ada opens bridge</h1>\n",
    }
    return {
        "delivery_id": delivery_id("latest", number, "ada"),
        "subscription_id": "ada",
        "channel": "latest",
        "number": number,
        "stream_id": f"{int(NOON.timestamp() * 1000)}-0",
        "occurred_at": NOON,
        "bodies": bodies,
        "corrects": (2,),
        "attempt": attempt,
        "now": at(attempt),
        **fields,
    }


def at(attempt: int) -> datetime:
    """When an attempt is made."""
    return NOON + timedelta(minutes=attempt)


def destination(address: str, *secrets: str) -> Destination:
    """Somewhere to send to."""
    return Destination(salt="00", address=address, secrets=secrets or (SECRET,))
