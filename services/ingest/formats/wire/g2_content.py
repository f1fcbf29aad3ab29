"""The content of a NewsML-G2 item: inline XML and data, and what lies elsewhere."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator

from newsfeed.documents import Link
from services.ingest.formats.wire.bodies import Body, body_of_elements, body_of_text
from services.ingest.formats.wire.draft import Draft
from services.ingest.formats.wire.nitf import read_nitf
from services.ingest.formats.wire.tree import Element, first_text, texts
from services.ingest.prose.markup import absolute

_TEXT_DATA = re.compile(r"^(?:text/|application/(?:xhtml|html|xml|json)|$)", re.IGNORECASE)
_SCAFFOLD = frozenset({"html", "head", "body"})


def read_content(item: Element) -> Draft:
    """The fullest text in ``contentSet``, and links to the rest."""
    content = item.find("./contentSet")
    if content is None:
        return Draft()
    drafts = [_inline(inline) for inline in content.iter("inlineXML")]
    drafts += [Draft(body=_data(data)) for data in content.iter("inlineData") if _is_text(data)]
    best = max(drafts, key=lambda draft: len(draft.body.prose.body), default=Draft())
    return Draft(media=tuple(_remote(content))).completed_by(best)


def _inline(inline: Element) -> Draft:
    """NITF with all that it says itself, XHTML, or any other markup as text."""
    nitf = inline.find(".//nitf")
    if nitf is not None:
        return read_nitf(nitf)
    body = inline.find(".//body")
    title = first_text(inline, ".//head/title")
    found = body if body is not None else inline
    story = found.find(".//div[@class='story']")
    byline = next((text for text in _bylines(found)), None)
    return Draft(headline=title, byline=byline, body=_elements(story if story is not None else found, inline))


def _elements(found: Element, inline: Element) -> Body:
    if not len(found) and not len(inline):
        return body_of_text(inline.text or "")
    return body_of_elements([found])


def _bylines(body: Element) -> Iterator[str]:
    for element in body.iter("p", "span", "div", "address"):
        if "byline" in (element.get("class") or "").split():
            yield from texts(element, ".")


def _is_text(data: Element) -> bool:
    return _TEXT_DATA.match(data.get("contenttype") or "") is not None


def _data(data: Element) -> Body:
    if len(data):
        return body_of_elements([data])
    text = data.text or ""
    if (data.get("encoding") or "").casefold().endswith("base64"):
        try:
            text = b64decode(text, validate=False).decode("utf-8", "replace")
        except ValueError:
            text = ""
    return body_of_text(text)


def _remote(content: Element) -> Iterator[Link]:
    found: dict[str, Link] = {}
    for remote in content.iter("remoteContent"):
        if href := absolute(remote.get("href")):
            kind = (remote.get("contenttype") or "media").split("/")[0]
            title = first_text(remote, "./altText", "./title")
            found.setdefault(
                href, Link(href=href, rel=kind, title=title, media_type=remote.get("contenttype"))
            )
    yield from found.values()
