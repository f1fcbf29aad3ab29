"""One e-mail message as an article."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from email.message import Message

from lxml import html

from newsfeed.documents import ArticleDocument, Link
from newsfeed.values import Charset
from services.ingest.article import Article, ReadingHint
from services.ingest.formats.composing import language_tag, titled, words
from services.ingest.formats.mail_headers import (
    addresses_in,
    field,
    fields,
    identifiers,
    names_in,
)
from services.ingest.formats.mail_parts import Part, opened, read_parts
from services.ingest.formats.mail_trimming import QUOTE_TRIMMED, trimmed, unflowed
from services.ingest.prose.markup import Markup, absolute, parse_html, read_tree, safe_html
from services.ingest.prose.openings import authors_of, lift_opening
from services.ingest.prose.paragraphs import Prose, read_prose
from services.ingest.times import DATE_UNREADABLE, ZONE_ASSUMED, parse_time

_FORWARDED = re.compile(r"^(?:fwd?|wg|tr|rv|enc|i|vs)\s*:", re.IGNORECASE)
_QUOTES = "//*[contains(@class, 'gmail_quote')] | //blockquote[@type='cite'] | //*[@id='divRplyFwdMsg']"
_LIST_LINKS = (("archived-at", "bookmark"), ("list-archive", "archive"), ("list-post", "list"))


def read_message(
    data: bytes, hint: ReadingHint, *, alone: bool
) -> tuple[Article | None, tuple[Charset, ...]]:
    """The article in a message, None when it has neither subject nor text, and how its texts were read.

    A message without an id of its own is known by its path when it is ``alone`` in its file, else
    by who sent it, when and on what.
    """
    message = opened(data)
    subject = field(message, "subject")
    parts, warnings = read_parts(message)
    is_forwarded = subject is not None and _FORWARDED.match(subject) is not None
    markup, shown = _text(parts, warnings, keeps_quotes=is_forwarded)
    if not subject and not markup.prose.paragraphs:
        return None, ()
    warnings += [one for part in parts for one in part.decoded.warnings]
    published = _time(message, warnings)
    document = _document(message, subject, markup, shown)
    article = Article(
        document=document,
        local_id=document.document_id or (None if alone else _fingerprint(message, document, published)),
        language=language_tag(_first_word(field(message, "content-language")), hint.language),
        published_at=published,
        expires_at=_moment(field(message, "expires") or field(message, "expiry-date")),
        warnings=tuple(dict.fromkeys(warnings)),
    )
    return article, tuple(part.decoded.charset for part in parts)


def _document(message: Message, subject: str | None, markup: Markup, shown: str | None) -> ArticleDocument:
    opening = lift_opening(markup.prose)
    title, derived = titled(subject, opening.prose.body)
    sender = field(message, "from") or field(message, "sender") or field(message, "resent-from") or ""
    names = names_in(sender)
    identity = identifiers(field(message, "message-id") or "")
    return ArticleDocument(
        title=title,
        title_derived=derived,
        body=opening.prose.body,
        body_html=shown or None,
        headings=opening.prose.headings,
        byline=opening.byline or next(iter(names or addresses_in(sender)), None),
        authors=opening.authors or words(person for name in names for person in _people(name)),
        dateline=opening.dateline,
        rights=field(message, "copyright"),
        keywords=words(
            [field(message, "keywords"), field(message, "x-keywords"), field(message, "newsgroups")],
            split=True,
        ),
        document_id=identity[0] if identity else None,
        url=_address(message, "archived-at"),
        links=(*_references(message), *markup.links),
        media=markup.images,
    )


def _people(name: str) -> tuple[str, ...]:
    """Who is meant by the name of a sender; ``Lee, Ann`` is one person."""
    return (name,) if "," in name else authors_of(name)


def _text(parts: list[Part], warnings: list[str], *, keeps_quotes: bool) -> tuple[Markup, str | None]:
    """The paragraphs of all texts, and HTML to show when any of them was HTML."""
    read = [_part(part, warnings, keeps_quotes=keeps_quotes) for part in parts]
    if len(read) == 1:
        return read[0]
    paragraphs: list[str] = []
    headings: list[int] = []
    for markup, _ in read:
        headings += [len(paragraphs) + index for index in markup.prose.headings]
        paragraphs += markup.prose.paragraphs
    links = tuple({link.href: link for markup, _ in read for link in markup.links}.values())
    images = tuple({link.href: link for markup, _ in read for link in markup.images}.values())
    return Markup(Prose(tuple(paragraphs), tuple(headings)), {}, links, images), None


def _part(part: Part, warnings: list[str], *, keeps_quotes: bool) -> tuple[Markup, str | None]:
    text = part.decoded.text
    if part.is_html:
        return _html(text, warnings, keeps_quotes=keeps_quotes)
    if part.is_flowed:
        text = unflowed(text, deletes_space=part.deletes_space)
    text, cut = (text, []) if keeps_quotes else trimmed(text)
    warnings += cut
    return Markup(read_prose(text)), None


def _html(source: str, warnings: list[str], *, keeps_quotes: bool) -> tuple[Markup, str | None]:
    tree = parse_html(source)
    if tree is None:
        return Markup(Prose()), None
    whole = read_tree(tree)
    if keeps_quotes or not _drop_quotes(tree):
        return whole, safe_html(source)
    rest = read_tree(tree)
    if not rest.prose.paragraphs:
        return whole, safe_html(source)
    warnings.append(QUOTE_TRIMMED)
    return rest, safe_html(html.tostring(tree, encoding="unicode"))


def _drop_quotes(tree: html.HtmlElement) -> bool:
    """Take what a mail program quotes out of the tree; whether there was any."""
    found = tree.xpath(_QUOTES)
    quotes = [one for one in found if isinstance(one, html.HtmlElement)] if isinstance(found, list) else []
    for quote in quotes:
        if quote.getparent() is not None:
            quote.drop_tree()
    return bool(quotes)


def _references(message: Message) -> tuple[Link, ...]:
    """What it answers, the messages before it and its list (RFC 2392 addresses, RFC 2919, RFC 2369)."""
    found: dict[str, Link] = {}
    for name, rel in (("in-reply-to", "in-reply-to"), ("references", "references")):
        for identity in identifiers(field(message, name) or ""):
            href = f"mid:{identity}"
            found.setdefault(href, Link(href=href, rel=rel))
    for name, rel in _LIST_LINKS:
        if address := _address(message, name):
            found.setdefault(address, Link(href=address, rel=rel))
    if listed := field(message, "list-id"):
        identity = next(iter(identifiers(listed)), listed)
        title = listed.split("<", 1)[0].strip(' "') if "<" in listed else ""
        href = f"list-id:{identity}"
        found.setdefault(href, Link(href=href, rel="list", title=title or None))
    return tuple(found.values())


def _address(message: Message, name: str) -> str | None:
    value = field(message, name) or ""
    return next((href for one in identifiers(value) if (href := absolute(one))), None)


def _time(message: Message, warnings: list[str]) -> datetime | None:
    """When it was written, or for want of that when the first computer received it."""
    received = [value.rsplit(";", 1)[-1] for value in fields(message, "received")][::-1]
    dates = [value for name in ("date", "resent-date", "delivery-date") for value in fields(message, name)]
    for value in (*dates, *received):
        if moment := parse_time(value):
            warnings += [ZONE_ASSUMED] if moment.zone_assumed else []
            return moment.at
    warnings += [DATE_UNREADABLE] if dates else []
    return None


def _moment(value: str | None) -> datetime | None:
    moment = parse_time(value) if value else None
    return moment.at if moment else None


def _first_word(value: str | None) -> str | None:
    found = re.split(r"[,;\s]", value.strip(), maxsplit=1) if value else []
    return found[0] if found else None


def _fingerprint(message: Message, document: ArticleDocument, published: datetime | None) -> str:
    named = (field(message, "from") or "", document.title, published.isoformat() if published else "")
    return hashlib.sha256("\x1f".join(named).encode()).hexdigest()
