"""`/channels/<channel>/events`: who may listen, and from where on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.web.desk import desk_of
from services.web.pages import known_channel
from services.web.sse import EventStream, start_of

CURSOR_LENGTH = 64


async def events(request: Request) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """The stream of a channel; a header that says where to begin wins over the query, as a reconnect does."""
    desk, known = desk_of(request), await known_channel(request)
    if desk.live.count >= desk.settings.listeners:
        raise HTTPException(429, "too many are listening; try again later", {"retry-after": "30"})
    cursor = request.headers.get("last-event-id") or request.query_params.get("last_event_id")
    start = await start_of(desk.shelf(known.name).log, cursor[:CURSOR_LENGTH] if cursor else None)
    if request.method == "HEAD":
        return Response(None, media_type="text/event-stream")
    state: dict[str, Any] = request.scope.get("state", {})
    return EventStream(
        desk.live, known.name, start, desk.settings, desk.closing, state.get("abort", _nothing)
    )


def _nothing() -> None:
    """Servers that cannot drop a connection are left to close it."""
