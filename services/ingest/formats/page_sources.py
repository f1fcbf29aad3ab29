"""The places of a page where metadata stands, read once."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from html import unescape as html_unescape
from typing import Any

from lxml import etree, html

from services.ingest.formats.json_lines import paired
from services.ingest.formats.schema_org import all_nodes, find_articles, objects, text_of
from services.ingest.prose.markup import absolute
from services.ingest.prose.sentences import collapse

_WRAPPING = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>|;)\s*$")
_SAYS_ARTICLE = re.compile(
    r'"@type"\s*:\s*\[?\s*"(?:\w*NewsArticle|Article|BlogPosting|LiveBlogPosting|Report)"'
)
_PLAIN_FIELD = re.compile(
    r'"(?P<key>headline|datePublished|dateModified|inLanguage)"\s*:\s*"(?P<value>[^"\\\n]{1,400})"\s*[,}\n]'
)
_AUTHOR_NAME = re.compile(r'"author"\s*:\s*[\[{][^\]}]{0,300}?"name"\s*:\s*"(?P<name>[^"\\\n]{1,120})"')
_LENIENT = json.JSONDecoder(strict=False)
_TRAILING_COMMA = re.compile(r",\s*([}\]])")


@dataclass(frozen=True)
class Sources:
    """A page's declarations: ``article`` is its best JSON-LD node, empty without one."""

    tree: html.HtmlElement
    has_items: bool
    article: dict[str, Any]
    nodes: list[dict[str, Any]]
    tags: dict[str, list[str]]
    headings: list[str]
    title: str | None
    url: str | None
    language: str | None
    site_name: str | None

    def meta(self, *names: str) -> str | None:
        """The first non-empty ``<meta>`` of these names (lower case)."""
        return next((value for name in names for value in self.tags.get(name, [])), None)

    def metas(self, name: str) -> list[str]:
        """Every non-empty ``<meta>`` of this name (lower case)."""
        return self.tags.get(name, [])

    def texts(self, path: str) -> list[str]:
        """The text of every element at an XPath, on one line each."""
        return _texts(self.tree, path)

    def elements(self, path: str) -> list[html.HtmlElement]:
        """The elements at an XPath."""
        return _elements(self.tree, path)

    def values(self, path: str) -> list[str]:
        """The attributes, or the texts of the elements, at an XPath."""
        return (
            _attributes(self.tree, path)
            if path.rsplit("/", 1)[-1].startswith("@")
            else _texts(self.tree, path)
        )


def read_sources(tree: html.HtmlElement, *, has_items: bool = True) -> Sources:
    """Look into every place once; ``has_items`` is whether the page may have microdata."""
    tags = _meta_tags(tree)
    values = [value for value in map(_loaded, _scripts(tree)) if value is not None]
    nodes = [node for value in values for node in all_nodes(value)]
    declared = [*_attributes(tree, "//link[@rel='canonical']/@href"), *tags.get("og:url", [])]
    url = next((href for value in declared if (href := absolute(value))), None)
    article = _best([node for value in values for node in find_articles(value)], url)
    return Sources(
        tree=tree,
        has_items=has_items,
        article=article,
        nodes=nodes,
        tags=tags,
        headings=_texts(tree, "//h1"),
        title=next(iter(_texts(tree, "//head//title") or _texts(tree, "//title")), None),
        url=url or absolute(text_of(article, "url")) or absolute(text_of(article, "mainEntityOfPage")),
        language=tree.get("lang")
        or tree.get("{http://www.w3.org/XML/1998/namespace}lang")
        or tree.get("xml:lang"),
        site_name=_site_name(article, tags),
    )


def _site_name(article: dict[str, Any], tags: dict[str, list[str]]) -> str | None:
    named = [text_of(publisher, "name") for publisher in objects(article, "publisher")]
    return next((name for name in [*tags.get("og:site_name", []), *named] if name), None)


def _best(articles: list[dict[str, Any]], url: str | None) -> dict[str, Any]:
    """The article node that this page is about: the one at its address, the fullest of the others."""
    if not articles:
        return {}
    return max(articles, key=lambda node: (_is_at(node, url), sum(key in node for key in _TELLING)))


_TELLING = ("headline", "datePublished", "author", "articleBody", "publisher")


def _is_at(node: dict[str, Any], url: str | None) -> bool:
    places = [text_of(node, key) for key in ("url", "mainEntityOfPage", "@id")]
    return url is not None and any(
        place and place.split("#")[0].rstrip("/") == url.rstrip("/") for place in places
    )


def _meta_tags(tree: html.HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for tag in tree.iter("meta"):
        content = collapse(tag.get("content") or "")
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            names = (tag.get(attribute) or "").lower().split()
            for name in names if content else []:
                found.setdefault(name, []).append(content)
    return found


def _scripts(tree: html.HtmlElement) -> list[str]:
    return [
        script.text or ""
        for script in tree.iter("script")
        if "ld+json" in (script.get("type") or "").lower() and (script.text or "").strip()
    ]


def _loaded(text: str) -> Any:  # noqa: ANN401 - JSON
    """The value of a script, freed of what producers wrap it in, or what can be saved of a broken one."""
    whole = paired(text)
    with suppress(ValueError, RecursionError):
        return _LENIENT.decode(whole)
    bare = _WRAPPING.sub("", _WRAPPING.sub("", whole)).strip()
    for candidate in (bare, _TRAILING_COMMA.sub(r"\1", bare)):
        with suppress(ValueError, RecursionError):
            return _LENIENT.decode(candidate)
    return _saved(bare)


def _saved(text: str) -> dict[str, Any] | None:
    """The plain fields of an article in JSON that broke elsewhere, at a bare quote in a text mostly."""
    if not _SAYS_ARTICLE.search(text):
        return None
    fields = {found["key"]: html_unescape(found["value"]) for found in _PLAIN_FIELD.finditer(text)}
    names = [found["name"] for found in _AUTHOR_NAME.finditer(text)]
    return {"@type": "NewsArticle", **fields, "author": names} if fields else None


@cache
def _compiled(path: str) -> etree.XPath:
    """To understand a path takes longer than to follow it; all of them stand in this program."""
    return etree.XPath(path)


def _texts(tree: html.HtmlElement, path: str) -> list[str]:
    shown = (element.get("content") or "".join(element.itertext()) for element in _elements(tree, path))
    return [text for raw in shown if (text := collapse(raw))]


def _elements(tree: html.HtmlElement, path: str) -> list[html.HtmlElement]:
    found = _compiled(path)(tree)
    return [one for one in found if isinstance(one, html.HtmlElement)] if isinstance(found, list) else []


def _attributes(tree: html.HtmlElement, path: str) -> list[str]:
    found = _compiled(path)(tree)
    return [str(value) for value in found] if isinstance(found, list) else []
