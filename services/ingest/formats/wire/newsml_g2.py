"""NewsML-G2 (https://iptc.org/standards/newsml-g2/): news items, alone or in a message, and packages.

Concepts, knowledge, plans and catalogues share the syntax and are no news: they are refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.ingest.article import Article, Reading, ReadingHint, Rejection
from services.ingest.formats.shape import CERTAIN, NEVER, Head
from services.ingest.formats.wire.draft import Draft
from services.ingest.formats.wire.g2_content import read_content
from services.ingest.formats.wire.g2_metadata import read_metadata
from services.ingest.formats.wire.root import root_of
from services.ingest.formats.wire.tree import Element, read_source
from services.ingest.progress import each

FORMAT = "newsml_g2"
VERSION = 2

_NEWS = frozenset({"newsMessage", "newsItem", "packageItem"})
_NO_NEWS = frozenset({"conceptItem", "knowledgeItem", "planningItem", "catalogItem", "catalog"})
_NEWSLESS = {name.casefold() for name in _NO_NEWS}


def recognise(head: Head) -> int:
    """By the root element: a message, or an item of any kind."""
    root = root_of(head.text)
    return CERTAIN if root and root.name in _NEWS | _NO_NEWS else NEVER


def parse(data: bytes, hint: ReadingHint) -> Reading:
    """The articles of all news items; of its package where there is nothing else.

    Raises Rejection ``not_news`` for concepts and plans, ``no_articles`` for an empty message.
    """
    source = read_source(data, hint)
    drafts = [read_item(item) for item in each(_items(source.root))]
    articles = [_article(draft, source.warnings, hint) for draft in drafts if _is_worth(draft)]
    if not articles:
        raise _refusal(source.root, bool(drafts))
    return Reading(format=FORMAT, parser_version=VERSION, charset=source.charset, articles=tuple(articles))


def read_item(item: Element) -> Draft:
    """The draft of a ``newsItem`` or ``packageItem``: its own metadata first, then its content's."""
    return read_metadata(item).completed_by(read_content(item))


def _items(root: Element) -> Iterator[Element]:
    """All news items; packages only where no news item is."""
    items = list(root.iter("newsItem"))
    yield from items or root.iter("packageItem")


def _is_worth(draft: Draft) -> bool:
    return not draft.is_empty or (draft.status != "usable" and draft.local_id is not None)


def _article(draft: Draft, warnings: tuple[str, ...], hint: ReadingHint) -> Article:
    draft.warnings = (*warnings, *draft.warnings)
    return draft.article(hint)


def _refusal(root: Element, has_items: bool) -> Rejection:
    if has_items:
        return Rejection("no_text", "news items without headline and text")
    found = [str(element.tag) for element in root.iter() if str(element.tag).casefold() in _NEWSLESS]
    if found:
        return Rejection("not_news", f"NewsML-G2 of the kind {found[0]}")
    return Rejection("no_articles", "a message without items")
