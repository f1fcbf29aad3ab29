"""Feeds: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, CDF; many articles a file.

feedparser reads them; what stands here lets it read more of what is broken.
"""

from __future__ import annotations

import io
import re
from functools import cache
from html.entities import html5
from typing import Any

from services.ingest.article import Article, Reading, ReadingHint, Rejection
from services.ingest.charset import declared_in_markup, decode
from services.ingest.formats.feed_entry import Channel, read_entry
from services.ingest.formats.shape import CERTAIN, LIKELY, NEVER, Head
from services.ingest.formats.wire.root import Root, root_of
from services.ingest.formats.xml_gate import why_ill_formed
from services.ingest.progress import each, going_on

FORMAT = "feed"
VERSION = 3

_ROOTS = frozenset({"rss", "feed", "rdf", "channel", "entry"})
_ROOT_CLOSED = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|RDF|channel|entry)\s*>", re.IGNORECASE)
_TAIL_BYTES = 4096
_RDF_FEED = re.compile(
    r"purl\.org/(?:rss|net/rss)|netscape\.com/rdf|channel\.dtd|<(?:[\w.-]+:)?channel[\s>]", re.IGNORECASE
)
_ITEM = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ATOM = re.compile(r"www\.w3\.org/2005/atom|purl\.org/atom/", re.IGNORECASE)
_PROLOG = re.compile(r"\A\s*<\?xml[^>]*\?>")
_LATE_ROOT = re.compile(r"<(?:rss|feed|rdf:RDF)(?=[\s>])[^>]*>", re.IGNORECASE)
_LATE_WITHIN = 1024
"""Characters in which a root may follow what a server printed before it, errors mostly."""

_LONG_COMMENT_BYTES = 256 * 1024
_NUMBER = re.compile(r"&#(?:x([0-9a-f]+)|(\d+));?", re.IGNORECASE)
_NUMBER_DIGITS = 9
_FAILURES = (
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    AssertionError,
    RecursionError,
)
"""What feedparser raises on a few broken feeds; it names no errors of its own."""

_DECLARED = re.compile(r"<!ENTITY\s+([\w.-]+)")
_SUBSET_WITHIN = 64 * 1024
_NAMED = re.compile(r"<!\[CDATA\[.*?\]\]>|&(?P<name>[A-Za-z][A-Za-z0-9]{1,31});", re.DOTALL)
_MARKUP = frozenset("<>&\"'")
_TEXT_INPUT = re.compile(rb"<(textinput)\b[^>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
"""A search field, which feedparser knows nowhere but in a channel."""

_LAST_CHARACTER = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


def recognise(head: Head) -> int:
    """By the root element; of those that others have too, by what stands in it."""
    text = head.text
    if text.lstrip().startswith("<") and "<!--" in text and "-->" not in text:
        text = head.data[:_LONG_COMMENT_BYTES].decode("latin-1")
    root = _root(text)
    if not root:
        late = _LATE_ROOT.search(text[:_LATE_WITHIN])
        is_page = "<html" in text[:_LATE_WITHIN].casefold()
        return LIKELY + 3 if late and _ITEM.search(text, late.end()) and not is_page else NEVER
    return CERTAIN if _is_feed(root, text) else NEVER


def _is_feed(root: Root, text: str) -> bool:
    """Whether a root that others have too is that of a feed."""
    match root.name.casefold():
        case "rdf":
            return _RDF_FEED.search(text) is not None
        case "channel":
            return _ITEM.search(text) is not None
        case "entry":
            return _ATOM.search(root.attributes) is not None
        case _:
            return True


def _root(text: str) -> Root | None:
    """The root if it is one that feeds have."""
    root = root_of(text)
    return root if root and root.name.casefold() in _ROOTS else None


def parse(data: bytes, hint: ReadingHint) -> Reading:
    """Every entry as an article; raises Rejection ``no_articles`` when the feed has none."""
    decoded = decode(data, declared_in_markup(data) or hint.charset)
    xml = _readable(decoded.text).encode()
    warnings = (*decoded.warnings, *_check(xml))
    parsed = _parsed(xml)
    channel = Channel.of(parsed, hint, warnings)
    articles = _identified([read_entry(dict(entry), channel) for entry in each(parsed["entries"])])
    if not articles:
        raise Rejection("no_articles", "a feed without entries")
    name = _name(parsed["version"])
    return Reading(format=name, parser_version=VERSION, charset=decoded.charset, articles=articles)


def _name(version: str) -> str:
    return "atom" if version.startswith("atom") else "cdf" if version == "cdf" else "rss"


def _readable(text: str) -> str:
    """The feed in UTF-8 that says so, from its root or what may stand before it.

    Nothing may stand between the declaration and a DOCTYPE, or feedparser forgets the entities in it.
    """
    bare = _PROLOG.sub("", text).strip()
    if not _root(bare):
        late = _LATE_ROOT.search(bare[:_LATE_WITHIN])
        bare = bare[late.start() :] if late else bare
    declared = frozenset(found[1] for found in _DECLARED.finditer(bare[:_SUBSET_WITHIN]))
    named = _NAMED.sub(lambda found: _letter(found, declared), bare)
    return '<?xml version="1.0" encoding="utf-8"?>' + _NUMBER.sub(_character, named)


def _letter(found: re.Match[str], declared: frozenset[str]) -> str:
    """An entity of HTML as its letter, for those who did not declare it; XML's own and CDATA are left."""
    name = found["name"]
    letter = html5.get(f"{name};", "") if name and name not in declared else ""
    return letter if letter and not set(letter) & _MARKUP else found[0]


def _character(reference: re.Match[str]) -> str:
    """A reference to a character as it is; feedparser breaks on those that are no character."""
    digits = (reference[1] or reference[2]).lstrip("0")[:_NUMBER_DIGITS]
    code = int(digits or "0", 16 if reference[1] else 10)
    is_character = 0 < code <= _LAST_CHARACTER and code not in _SURROGATES
    return reference[0] if is_character else "\ufffd"


def _check(xml: bytes) -> list[str]:
    """A warning when the XML is ill-formed but whole; raises Rejection ``corrupt`` when it is cut off."""
    place = why_ill_formed(xml)
    if place and not _ROOT_CLOSED.search(xml[-_TAIL_BYTES:]):
        raise Rejection("corrupt", f"XML: {place}")
    return ["xml_not_well_formed"] if place else []


@cache
def _feedparser() -> Any:  # noqa: ANN401 - an untyped library
    """feedparser, saying at every entry that it goes on: it reads a whole feed in one call.

    Ill-formed feeds take it up to a millisecond an entry, so that tens of thousands of small ones, none of
    them slow, would have the deadline of a single article.
    """
    import feedparser
    from feedparser.namespaces._base import Namespace

    begin = Namespace._start_item  # noqa: SLF001 - it has no hook, and calls this for every entry of every dialect

    def begin_and_tell(parser: Any, attributes: Any) -> None:  # noqa: ANN401 - as above
        going_on()
        begin(parser, attributes)

    Namespace._start_item = Namespace._start_entry = begin_and_tell  # noqa: SLF001 - as above
    return feedparser


def _parsed(xml: bytes) -> dict[str, Any]:
    try:
        xml = _TEXT_INPUT.sub(b"", xml)
        parsed = _feedparser().parse(io.BytesIO(xml), sanitize_html=False, resolve_relative_uris=False)
    except _FAILURES as error:
        raise Rejection("corrupt", f"feed: {type(error).__name__}") from None
    return {
        "version": parsed.get("version") or "",
        "feed": dict(parsed["feed"]),
        "entries": parsed["entries"],
    }


def _identified(articles: list[Article | None]) -> tuple[Article, ...]:
    """The articles, each with an identity of its own: a guid used twice is told apart by link or place."""
    seen: set[str] = set()
    kept: list[Article] = []
    for position, article in enumerate(articles):
        if article is None:
            continue
        local_id = article.local_id or ""
        if local_id in seen:
            by_link = f"{local_id}|{article.document.url}"
            local_id = f"{local_id}|{position}" if not article.document.url or by_link in seen else by_link
        seen.add(local_id)
        kept.append(article.model_copy(update={"local_id": local_id}))
    return tuple(kept)
