"""The hub of WebSub: requests become facts of the registry; publish asks callbacks, and pushes feeds."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from newsfeed.tokens import link_key
from newsfeed.websub import TRANSPORT, HubRefused, HubRequest, read_request, wished
from services.web.desk import Desk, desk_of

MOST_BYTES = 16 * 1024
MOST_FIELDS = 50
FORM = "application/x-www-form-urlencoded"


async def hub(request: Request) -> Response:
    """202 for a request that will be verified; 4xx with a sentence for one that cannot be."""
    desk = desk_of(request)
    way, asked = desk.ways.get(TRANSPORT), await _asked(desk, request)
    if way is None or asked.channel not in await desk.channels():
        raise HTTPException(404, "hub.topic: there is no such feed")
    if problems := way.problems(asked.callback, {"topic": asked.topic}):
        raise HTTPException(400, f"hub.callback: {'; '.join(problems)}")
    if not desk.throttle.allows():
        raise HTTPException(429, "too many requests; try again in a minute", {"retry-after": "60"})
    key = link_key(desk.settings.var, desk.settings.link_key_file)
    decision, destinations = wished(asked, key, datetime.now(UTC), os.urandom)
    await desk.change(decision, destinations)
    return Response(None, 202)


async def _asked(desk: Desk, request: Request) -> HubRequest:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise HTTPException(415, f"a hub takes {FORM}")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise HTTPException(413, "the form is too long")
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        return read_request(fields, desk.settings.public_url or "")
    except (HubRefused, ValueError) as error:
        raise HTTPException(400, str(error)) from None
