"""The JSON API: channels, digests and articles to read, subscriptions to ask for, confirm and end."""

from __future__ import annotations

from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from newsfeed.readmodel.timeline import entry_document
from newsfeed.registry import Options, Subscription
from newsfeed.tokens import Purpose
from services.web.answering import answer
from services.web.articles import read_article
from services.web.asking import ask, cancel_it, confirm_it, subscription_of
from services.web.catalogue import Known
from services.web.desk import desk_of
from services.web.feeding import STREAM_ID
from services.web.forms import body_of
from services.web.pages import known_channel

PAGE_COUNT = 30


class Wish(BaseModel):
    """The body of a request to subscribe."""

    model_config = ConfigDict(extra="forbid")

    channel: str
    transport: str
    address: str
    options: Options = {}


class Held(BaseModel):
    """The body of a request about a subscription that one holds a token of."""

    model_config = ConfigDict(extra="forbid")

    token: str


async def channels(request: Request) -> Response:
    """Every defined channel."""
    desk = desk_of(request)
    base = desk.base_url(request)
    return answer({"channels": [_channel(one, base) for one in (await desk.channels()).values()]})


async def channel(request: Request) -> Response:
    """One channel."""
    return answer(_channel(await known_channel(request), desk_of(request).base_url(request)))


async def digests(request: Request) -> Response:
    """The digests of a channel, newest first, as they read now; ``next`` is the ``before`` of more."""
    known = await known_channel(request)
    before = request.query_params.get("before", "+")
    if before != "+" and not STREAM_ID.fullmatch(before):
        raise HTTPException(400, "before: not the id of a digest")
    issues = await desk_of(request).shelf(known.name).newest(PAGE_COUNT + 1, before)
    shown = issues[:PAGE_COUNT]
    following = shown[-1].digest.stream_id if len(issues) > len(shown) else None
    body = b",".join(issue.data for issue in shown)
    return Response(
        b'{"digests":[' + body + b'],"next":' + orjson.dumps(following) + b"}", media_type="application/json"
    )


async def digest(request: Request) -> Response:
    """The bytes of one digest, or of its newest revision."""
    known, number = await known_channel(request), str(request.path_params["number"])
    is_number = number.isascii() and number.isdigit() and len(number) < 10  # noqa: PLR2004 # as many digits
    found = await desk_of(request).shelf(known.name).numbered(int(number)) if is_number else None
    if found is None:
        raise HTTPException(404, "there is no such digest, or not any more")
    return Response(found[0].data, media_type="application/json")


async def article(request: Request) -> Response:
    """An article, its text and its history."""
    read = await read_article(desk_of(request).log, request.path_params["article_id"])
    if read is None:
        raise HTTPException(404, "there is no such article")
    document = (
        {**read.document.model_dump(mode="json"), "text": read.document.text} if read.document else None
    )
    history = [entry_document(entry) for entry in read.history]
    return answer({**read.view.model_dump(mode="json"), "content": document, "history": history})


async def subscribe(request: Request) -> Response:
    """Ask for digests; nothing is sent before the owner of the address has confirmed.

    The secret of a webhook is told here, and never again.
    """
    wish = await _parsed(request, Wish)
    desk = desk_of(request)
    begun = await ask(desk, wish.channel, wish.transport, wish.address, wish.options)
    secret = {"secret": begun.secret} if begun.secret else {}
    return answer({"subscription_id": begun.subscription_id, "status": "pending", **secret}, 202)


async def confirm(request: Request) -> Response:
    """Confirm by the token of the link."""
    subscription = await _held(request, "confirm")
    if not await confirm_it(desk_of(request), subscription):
        raise HTTPException(409, "the subscription was cancelled")
    return answer({"subscription_id": subscription.subscription_id, "status": "active"})


async def cancel(request: Request) -> Response:
    """End it by the token to unsubscribe, however often."""
    subscription = await _held(request, "unsubscribe")
    await cancel_it(desk_of(request), subscription, "unsubscribed")
    return answer({"subscription_id": subscription.subscription_id, "status": "cancelled"})


async def _held(request: Request, purpose: Purpose) -> Subscription:
    held = await _parsed(request, Held)
    subscription = await subscription_of(desk_of(request), purpose, held.token)
    if subscription is None:
        raise HTTPException(404, "the token is none of ours")
    return subscription


async def _parsed(request: Request, model: type[Any]) -> Any:  # noqa: ANN401 # an instance of the model
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "send application/json")
    try:
        return model.model_validate_json(await body_of(request))
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        raise HTTPException(422, "; ".join(wrong)) from error


def _channel(known: Known, base: str) -> dict[str, object]:
    url = f"{base}/channels/{known.name}"
    return {
        "name": known.name,
        "title": known.title,
        "description": known.description,
        "language": known.language,
        "time_zone": known.time_zone,
        "is_open": known.is_open,
        "bundle": known.bundle,
        "page": url,
        "feeds": {kind: f"{url}.{kind}" for kind in ("atom", "rss", "json")},
        "events": f"{url}/events",
        "digests": f"{base}/api/channels/{known.name}/digests",
    }
