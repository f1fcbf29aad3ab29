"""Channels defined, changed and retired by the JSON API: what an editor may do, by the token of editors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from newsfeed.bundles import check_bundle, holders_of
from newsfeed.channel_tables import channel_of_table
from newsfeed.channels import Channel
from newsfeed.definitions import define, in_force, retire
from newsfeed.errors import ChannelInvalid
from services.web.answering import answer
from services.web.desk import Desk, desk_of
from services.web.forms import body_of

WANTED = "send Authorization: Bearer, with the token that `newsfeed channels token` prints"


async def define_channel(request: Request) -> Response:
    """Define the channel of the path, or define it anew; 201 for one that there was not."""
    desk = _allowed(request)
    channel = _channel(await _table(request), request.path_params["name"])
    _check_own(desk, channel.name)
    is_new = channel.name not in (await desk.registry()).channels
    try:
        check_bundle(channel, await _bundles(desk))
    except ChannelInvalid as error:
        raise HTTPException(422, "; ".join(error.problems)) from error
    now = datetime.now(UTC)
    said = await desk.change(lambda registry: define(registry, [channel], "api", now))
    version = in_force(await desk.registry(), {})[channel.name].channel.version
    told = {**channel.model_dump(mode="json"), "version": version, "changed": bool(said)}
    return answer(told, 201 if is_new else 200)


async def retire_channel(request: Request) -> Response:
    """End the channel of the path: it brings out no more digests; those that came out stay."""
    desk, name = _allowed(request), request.path_params["name"]
    _check_own(desk, name)
    now = datetime.now(UTC)
    if not await desk.change(lambda registry: retire(registry, [name], now)):
        raise HTTPException(404, f"there is no channel {name!r} that is defined")
    holders = holders_of(name, await _bundles(desk))
    return answer({"name": name, "status": "retired", "bundles": holders})


async def _bundles(desk: Desk) -> dict[str, tuple[str, ...]]:
    """The channels in force, each with the names that its bundle is made of."""
    return {name: known.bundle for name, known in (await desk.channels()).items()}


def _allowed(request: Request) -> Desk:
    """The desk, for whoever bears the token of editors."""
    desk = desk_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise HTTPException(
            401,
            WANTED,
            {"www-authenticate": "Bearer"},
        )
    if not desk.links.is_editors(token.strip()):
        raise HTTPException(403, "the token is none of ours")
    return desk


async def _table(request: Request) -> dict[str, Any]:
    """The keys and values of the body, as a channel has them in the file."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "send application/json")
    try:
        table = orjson.loads(await body_of(request))
    except orjson.JSONDecodeError as error:
        raise HTTPException(422, f"the body is not JSON: {error}") from error
    if not isinstance(table, dict):
        raise HTTPException(422, "the body is not an object: send the keys of a channel and their values")
    return table


def _channel(table: dict[str, Any], name: str) -> Channel:
    """The channel that is described; 422 with everything that is wrong, in the words of the file's editor."""
    if table.get("name", name) != name:
        raise HTTPException(
            422, f"channel {name}: name: the body says {table['name']!r}, the address {name!r}"
        )
    try:
        return channel_of_table({"title": name, **table, "name": name}, name)
    except ChannelInvalid as error:
        raise HTTPException(422, "; ".join(error.problems)) from error


def _check_own(desk: Desk, name: str) -> None:
    if desk.catalogue.is_in_file(name):
        raise HTTPException(409, f"{name} is defined by the file of channels: change it there")
