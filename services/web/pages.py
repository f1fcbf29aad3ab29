"""Pages for people: the channels, one channel with its archive, a digest, an article."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from newsfeed import streams
from newsfeed.eventlog.cursor import NO_WINDOW
from newsfeed.eventlog.retention import retained_from
from services.web.articles import read_article
from services.web.catalogue import Known
from services.web.desk import Desk, desk_of
from services.web.digests import Digest
from services.web.feeding import STREAM_ID
from services.web.frozen import Frozen, parse_frozen, with_histories, with_replacements
from services.web.rendering import language_name, language_of, page
from services.web.ways import EMAIL
from services.web.words import WORDS

ARCHIVE_COUNT = 30
"""Digests of a page of the archive."""

NUMBER_DIGITS = 9


async def channels_page(request: Request) -> Response:
    """Every channel with its newest digest and all its addresses."""
    desk, language = desk_of(request), language_of(request)
    listed, channels = [], await desk.channels()
    for known in channels.values():
        newest = await desk.shelf(known.name).newest(1)
        listed.append((known, newest[0].digest if newest else None, _addresses(desk, request, known)))
    titles = {known.name: known.title for known in channels.values()}
    return page(request, "channels.html", language, channels=listed, titles=titles)


async def channel_page(request: Request) -> Response:
    """The newest digest and the archive; with ``before`` an older page of the archive alone."""
    desk, known = desk_of(request), await known_channel(request)
    before = request.query_params.get("before", "+")
    if before != "+" and not STREAM_ID.fullmatch(before):
        raise HTTPException(400, "before: not the id of a digest")
    issues = await desk.shelf(known.name).newest(ARCHIVE_COUNT + 1, before)
    digests = [issue.digest for issue in issues]
    is_cut = await retained_from(desk.redis, known.name) != NO_WINDOW
    newest = await _frozen(desk, known, digests[0].number) if digests and before == "+" else None
    return page(
        request,
        "channel.html",
        known.language,
        known,
        style_source=newest[0].style_source if newest else "",
        frozen=newest[0] if newest else None,
        sheet=newest[1] if newest else None,
        digests=digests[:ARCHIVE_COUNT],
        older=digests[ARCHIVE_COUNT - 1].stream_id if len(digests) > ARCHIVE_COUNT else None,
        is_cut=is_cut,
        before=before,
        listed=_addresses(desk, request, known),
        takes_email=EMAIL in desk.ways and known.is_open,
    )


async def digest_page(request: Request) -> Response:
    """A digest for ever: as it was frozen, or its newest revision, and what later ones say of it."""
    desk, known = desk_of(request), await known_channel(request)
    number = _number(request.path_params["number"])
    found = await desk.shelf(known.name).numbered(number)
    if found is None:
        raise HTTPException(404, WORDS[known.language].kept_from)
    frozen = parse_frozen(found[1]) if found[1] else None
    corrected = await desk.corrections.of(known.name, number)
    newest = await desk.shelf(known.name).log.newest_public()
    return page(
        request,
        "digest.html",
        known.language,
        known,
        style_source=frozen.style_source if frozen else "",
        frozen=frozen,
        sheet=_linked(frozen, found[0].digest, known) if frozen else None,
        digest=found[0].digest,
        corrections=[one.number for one in corrected if one.kind == "correction"],
        retractions=[one.number for one in corrected if one.kind == "retraction"],
        has_next=newest is not None and newest.number > number,
        has_previous=number > 1 and await desk.shelf(known.name).log.public_id(number - 1) is not None,
    )


async def article_page(request: Request) -> Response:
    """An article with its text, what was found in it, and its versions."""
    desk, language = desk_of(request), language_of(request)
    asked = request.query_params.get("version")
    read = await read_article(desk.log, request.path_params["article_id"], _number(asked) if asked else None)
    if read is None:
        raise HTTPException(404)
    view = read.view
    name = language_name(WORDS[language], view.language) if view.language not in {None, "und"} else None
    return page(request, "article.html", language, read=read, view=view, language_name=name)


async def home(_request: Request) -> Response:
    """`/channels` is the front page, too."""
    return RedirectResponse("/", 308)


async def known_channel(request: Request) -> Known:
    """The channel of the path; 404 for one that there is not."""
    known = await desk_of(request).channel(request.path_params["name"])
    if known is None:
        raise HTTPException(404)
    return known


async def _frozen(desk: Desk, known: Known, number: int) -> tuple[Frozen, str] | None:
    """A digest's page in parts, and its sheet with links; None where that was erased."""
    found = await desk.shelf(known.name).numbered(number)
    if found is None or not found[1]:
        return None
    frozen = parse_frozen(found[1])
    return frozen, _linked(frozen, found[0].digest, known)


def _linked(frozen: Frozen, digest: Digest, known: Known) -> str:
    """The sheet with links to the articles' own pages, and to the digests that replace each other."""
    ids = [item.article_id for item in digest.items]
    sheet = with_histories(frozen.sheet, ids, WORDS[known.language].history)
    return with_replacements(sheet, digest.replacements, f"/channels/{known.name}")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS and int(text)):
        raise HTTPException(404)
    return int(text)


def _addresses(desk: Desk, request: Request, known: Known) -> list[tuple[str, str]]:
    """Every way to receive a channel without asking anybody: what it is called, and where it is."""
    url = f"{desk.base_url(request)}/channels/{known.name}"
    words = WORDS[known.language]
    return [
        (words.page, url),
        ("Atom", f"{url}.atom"),
        ("RSS", f"{url}.rss"),
        ("JSON Feed", f"{url}.json"),
        (words.live, f"{url}/events"),
        (words.stream, streams.digests(known.name)),
    ]
