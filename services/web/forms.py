"""Forms for people and for mail programs: subscribe, confirm, leave. A GET never changes anything."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from newsfeed.registry import Subscription
from newsfeed.tokens import Purpose
from services.web.asking import ask, cancel_it, confirm_it, subscription_of
from services.web.catalogue import Known
from services.web.desk import Desk, desk_of
from services.web.form_words import FORM_WORDS
from services.web.pages import known_channel
from services.web.rendering import language_of, page
from services.web.ways import EMAIL

BODY_BYTES = 16_384
ONE_CLICK = "List-Unsubscribe=One-Click"
"""What RFC 8058 has mail programs say; multipart or not, it stands in the body."""


async def subscribe_form(request: Request) -> Response:
    """What the form of a channel's page sends: an address, which then gets a link."""
    desk, known = desk_of(request), await known_channel(request)
    fields = dict(parse_qsl((await body_of(request)).decode(errors="replace")))
    words = FORM_WORDS[known.language]
    try:
        await ask(desk, known.name, EMAIL, fields.get("address", "").strip(), {})
    except HTTPException as error:
        return _said(request, known, words.refused, error.detail, error.status_code)
    return _said(request, known, words.asked, words.asked_more, 202)


async def confirm_page(request: Request) -> Response:
    """The page that a confirming link leads to: a button."""
    known, _ = await _wanted(request, "confirm")
    words = FORM_WORDS[known.language]
    return _button(request, known, words.confirm_ask, words.confirm)


async def confirm_form(request: Request) -> Response:
    """The button was pressed."""
    known, subscription = await _wanted(request, "confirm")
    words = FORM_WORDS[known.language]
    if not await confirm_it(desk_of(request), subscription):
        return _said(request, known, words.unsubscribed, words.unsubscribed_more, 409)
    return _said(request, known, words.confirmed, words.confirmed_more)


async def unsubscribe_page(request: Request) -> Response:
    """The page that a link to leave leads to: a button, since programs follow links, too."""
    known, _ = await _wanted(request, "unsubscribe")
    words = FORM_WORDS[known.language]
    return _button(request, known, words.unsubscribe_ask, words.unsubscribe)


async def unsubscribe_form(request: Request) -> Response:
    """The button was pressed, here or in a mail program: 200 and no redirect, however often."""
    body = await body_of(request)
    known, subscription = await _wanted(request, "unsubscribe")
    is_one_click = ONE_CLICK.encode() in body or b'name="List-Unsubscribe"' in body
    await cancel_it(desk_of(request), subscription, "one_click" if is_one_click else "unsubscribed")
    words = FORM_WORDS[known.language]
    if is_one_click:
        return PlainTextResponse(f"{words.unsubscribed}\n")
    return _said(request, known, words.unsubscribed, words.unsubscribed_more)


async def body_of(request: Request) -> bytes:
    """The body, if it is as small as ours are; 413 otherwise."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            raise HTTPException(413)
    return bytes(body)


async def _wanted(request: Request, purpose: Purpose) -> tuple[Known, Subscription]:
    """What the token of the query is for; 404 for one that we did not make."""
    desk = desk_of(request)
    subscription = await subscription_of(desk, purpose, request.query_params.get("token", ""))
    if subscription is None:
        raise HTTPException(404)
    return await _channel_of(desk, request, subscription), subscription


async def _channel_of(desk: Desk, request: Request, subscription: Subscription) -> Known:
    """The channel; one that is gone may still be left."""
    known = await desk.channel(subscription.channel)
    return known or Known(subscription.channel, subscription.channel, language=language_of(request))


def _button(request: Request, known: Known, question: str, label: str) -> Response:
    asked = question.format(channel=known.title)
    token = request.query_params["token"]
    return page(request, "button.html", known.language, known, question=asked, label=label, token=token)


def _said(request: Request, known: Known, title: str, text: str, status: int = 200) -> Response:
    told = text.replace("{channel}", known.title)
    return page(request, "said.html", known.language, known, status, title=title, text=told)
