"""The HTTP application: what answers where, what becomes of errors, what every answer says of itself."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsfeed.eventlog.connection import PASSING_ERRORS
from newsfeed.websub import HUB_PATH
from services.web import api, forms, pages
from services.web.answering import answer
from services.web.defining import define_channel, retire_channel
from services.web.desk import Desk, desk_of
from services.web.feeding import feed_response
from services.web.hub import hub
from services.web.listening import events
from services.web.rendering import language_of, page

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


async def atom_feed(request: Request) -> Response:
    """Atom."""
    return await feed_response(request, await pages.known_channel(request), "atom")


async def rss_feed(request: Request) -> Response:
    """RSS."""
    return await feed_response(request, await pages.known_channel(request), "rss")


async def json_feed(request: Request) -> Response:
    """JSON Feed."""
    return await feed_response(request, await pages.known_channel(request), "json")


async def health(request: Request) -> Response:
    """Whether digests can be read, and how many listen."""
    await desk_of(request).redis.ping()
    return answer({"status": "ok", "listeners": desk_of(request).live.count})


@cache
def _style() -> bytes:
    """What every page of the house shares, and then the rules of these."""
    sheets = files("newsfeed") / "styles" / "house.css", files("services.web") / "static" / "web.css"
    return b"\n".join(sheet.read_bytes() for sheet in sheets)


async def style(_request: Request) -> Response:
    """The one style sheet."""
    return Response(_style(), 200, {"cache-control": "public, max-age=300"}, media_type="text/css")


ROUTES = [
    Route("/", pages.channels_page),
    Route("/channels", pages.home),
    Route("/channels/{name}.atom", atom_feed),
    Route("/channels/{name}.rss", rss_feed),
    Route("/channels/{name}.json", json_feed),
    Route("/channels/{name}", pages.channel_page),
    Route("/channels/{name}/digests/{number}", pages.digest_page),
    Route("/channels/{name}/events", events),
    Route("/channels/{name}/subscribe", forms.subscribe_form, methods=["POST"]),
    Route("/articles/{article_id:path}", pages.article_page),
    Route("/confirm", forms.confirm_page),
    Route("/confirm", forms.confirm_form, methods=["POST"]),
    Route("/unsubscribe", forms.unsubscribe_page),
    Route("/unsubscribe", forms.unsubscribe_form, methods=["POST"]),
    Route("/api/channels", api.channels),
    Route("/api/channels/{name}", api.channel),
    Route("/api/channels/{name}", define_channel, methods=["PUT"]),
    Route("/api/channels/{name}", retire_channel, methods=["DELETE"]),
    Route("/api/channels/{name}/digests", api.digests),
    Route("/api/channels/{name}/digests/{number}", api.digest),
    Route("/api/articles/{article_id:path}", api.article),
    Route("/api/subscriptions", api.subscribe, methods=["POST"]),
    Route("/api/subscriptions/confirm", api.confirm, methods=["POST"]),
    Route("/api/subscriptions/cancel", api.cancel, methods=["POST"]),
    Route(HUB_PATH, hub, methods=["POST"]),
    Route("/health", health),
    Route("/static/web.css", style),
]


def application(desk: Desk) -> Starlette:
    """The application on a desk."""
    app = Starlette(
        routes=ROUTES,
        middleware=[Middleware(_Guarded)],
        exception_handlers={HTTPException: _refused, **dict.fromkeys(PASSING_ERRORS, _away)},
    )
    app.state.desk = desk
    return app


class _Guarded:
    """Adds to every answer what keeps browsers from guessing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarded)


async def _refused(request: Request, error: Exception) -> Response:
    """An error for a program as JSON, for a person as a page."""
    assert isinstance(error, HTTPException)
    return _error(request, error.status_code, error.detail, dict(error.headers or {}))


async def _away(request: Request, _: Exception) -> Response:
    """Redis is away: the same question has an answer later."""
    return _error(request, 503, "the log cannot be read just now; try again", {"retry-after": "5"})


def _error(request: Request, status: int, detail: str, headers: dict[str, str]) -> Response:
    if request.url.path.startswith("/api/") or "text/html" not in request.headers.get("accept", ""):
        response = answer({"error": detail}, status)
    else:
        response = page(
            request, "said.html", language_of(request), None, status, title=str(status), text=detail
        )
    response.headers.update(headers)
    return response
