"""schema.org articles in JSON-LD, from a file of their own or from a page's ``<script>``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from newsfeed.documents import ArticleDocument, Link
from services.ingest.article import Article, ReadingHint
from services.ingest.formats.composing import language_tag, titled, words
from services.ingest.prose.markup import Markup, absolute, is_markup, plain_line, read_markup
from services.ingest.prose.openings import authors_of, lift_opening, says_role
from services.ingest.prose.paragraphs import Prose, read_prose
from services.ingest.times import DATE_UNREADABLE, ZONE_ASSUMED, parse_time

DIALECT = "schema-org"

ARTICLE_TYPES = frozenset(
    [
        *("Article", "NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "AskPublicNewsArticle"),
        *("BackgroundNewsArticle", "OpinionNewsArticle", "ReviewNewsArticle", "AdvertiserContentArticle"),
        *(
            "BlogPosting",
            "LiveBlogPosting",
            "SocialMediaPosting",
            "SatiricalArticle",
            "Report",
            "TechArticle",
        ),
    ]
)
_HOLDERS = ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item", "hasPart", "subjectOf")
_REFERRING = ("author", "creator", "publisher", "image")
_DEEPEST = 8


def find_articles(value: object) -> list[dict[str, Any]]:
    """Every article node of a JSON-LD value, in order, through lists, ``@graph`` and ``mainEntity``."""
    nodes = all_nodes(value)
    by_id = {str(node["@id"]): node for node in nodes if isinstance(node.get("@id"), str)}
    found = {id(node): _resolved(node, by_id) for node in nodes if types_of(node) & ARTICLE_TYPES}
    return list(found.values())


def _resolved(node: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The node with the people, publisher and pictures it refers to by ``@id`` in their places."""
    return {
        **node,
        **{key: [_target(value, by_id) for value in as_list(node[key])] for key in _REFERRING if key in node},
    }


def _target(value: object, by_id: dict[str, dict[str, Any]]) -> object:
    if isinstance(value, dict) and not value.keys() & {"name", "url", "contentUrl"}:
        return by_id.get(str(value.get("@id")), value)
    return value


def all_nodes(value: object) -> list[dict[str, Any]]:
    """Every node of a JSON-LD value that stands where an article could stand."""
    return list(_nodes(value, 0))


def types_of(node: dict[str, Any]) -> set[str]:
    """The types of a node, without ``schema:`` or ``https://schema.org/``."""
    return {str(kind).rsplit("/", 1)[-1].rsplit(":", 1)[-1] for kind in as_list(node.get("@type"))}


def read_node(node: dict[str, Any], hint: ReadingHint) -> Article | None:
    """The article in a node; None when it has neither headline nor text."""
    body = body_of(node)
    title = title_of(node)
    if not title and not body.prose.paragraphs:
        return None
    warnings: list[str] = []
    url = (
        absolute(text_of(node, "url"))
        or absolute(text_of(node, "mainEntityOfPage"))
        or absolute(text_of(node, "@id"))
    )
    return Article(
        document=_document(node, title, body, url),
        local_id=identifier_of(node) or url,
        revision=text_of(node, "version"),
        language=language_tag(text_of(node, "inLanguage"), hint.language),
        published_at=time_of(node, warnings, "datePublished", "dateCreated", "uploadDate"),
        updated_at=time_of(node, warnings, "dateModified"),
        expires_at=time_of(node, warnings, "expires"),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _document(node: dict[str, Any], title: str | None, body: Markup, url: str | None) -> ArticleDocument:
    opening = lift_opening(body.prose)
    shown, derived = titled(title, opening.prose.body)
    return ArticleDocument(
        title=shown,
        title_derived=derived,
        summary=_line(node, "description", "abstract", "alternativeHeadline"),
        body=opening.prose.body,
        headings=opening.prose.headings,
        byline=opening.byline,
        authors=authors_in(node) or opening.authors,
        dateline=opening.dateline,
        rights=_line(node, "copyrightNotice", "license"),
        keywords=keywords_of(node),
        places=words(
            [text_of(place, "name") for place in objects(node, "contentLocation", "locationCreated")]
        ),
        document_id=identifier_of(node),
        url=url,
        links=body.links,
        media=(*images_of(node), *body.images),
    )


def title_of(node: dict[str, Any]) -> str | None:
    """The headline, else the name."""
    return _line(node, "headline", "name", "title")


def body_of(node: dict[str, Any]) -> Markup:
    """``articleBody`` (or ``text``) as paragraphs; some producers put HTML there.

    A live blog without one is the text of its updates, the newest first as it gives them.
    """
    text = text_of(node, "articleBody", "text", "reviewBody") or "\n\n".join(_updates(node))
    if not text:
        return Markup(Prose())
    return read_markup(text) if is_markup(text) and "<" in text else Markup(read_prose(text))


def _updates(node: dict[str, Any]) -> Iterator[str]:
    for update in objects(node, "liveBlogUpdate"):
        headline, text = text_of(update, "headline"), text_of(update, "articleBody", "text")
        if text:
            yield f"# {plain_line(headline)}" if headline and not is_markup(text) else ""
            yield text


def authors_in(node: dict[str, Any]) -> tuple[str, ...]:
    """Names of the authors, however deep they hide; addresses are not names."""
    names = [name for key in ("author", "creator") for name in _names(node.get(key))]
    people = [person for name in names if not name.startswith("http") for person in _people(name)]
    return words(people)


def _people(name: str) -> tuple[str, ...]:
    is_byline = " and " in name or name.casefold().startswith("by ") or says_role(name)
    return authors_of(name) if is_byline else (name,)


def keywords_of(node: dict[str, Any]) -> tuple[str, ...]:
    """Keywords and sections; ``keywords`` may be one text with commas."""
    listed = [name for key in ("keywords", "articleSection") for name in _names(node.get(key))]
    return words([plain_line(name) for name in listed], split=True)


def images_of(node: dict[str, Any]) -> tuple[Link, ...]:
    """The pictures that the article names."""
    found: dict[str, Link] = {}
    for image in as_list(node.get("image")):
        source = image.get("url") or image.get("contentUrl") if isinstance(image, dict) else image
        href = absolute(source) if isinstance(source, str) else None
        if href:
            found.setdefault(href, Link(href=href, rel="image"))
    return tuple(found.values())


def identifier_of(node: dict[str, Any]) -> str | None:
    """``identifier`` or ``@id``; a fragment (``#article``) identifies nothing outside its page."""
    given = text_of(node, "identifier") or text_of(node, "@id")
    return given if given and not given.startswith(("#", "_:")) else None


def time_of(node: dict[str, Any], warnings: list[str], *keys: str) -> Any:  # noqa: ANN401 - pydantic checks it
    """The first time among ``keys``; what is wrong with it goes to ``warnings``."""
    for value in (text_of(node, key) for key in keys):
        if not value:
            continue
        moment = parse_time(value)
        warnings += [DATE_UNREADABLE] if moment is None else [ZONE_ASSUMED] if moment.zone_assumed else []
        if moment:
            return moment.at
    return None


def text_of(node: dict[str, Any], *keys: str) -> str | None:
    """The first text among ``keys``: a string, a number, or what an object holds for one."""
    for key in keys:
        for value in as_list(node.get(key)):
            inner = _inner(value)
            if isinstance(inner, str | int | float) and not isinstance(inner, bool) and str(inner).strip():
                return str(inner).strip()
    return None


def objects(node: dict[str, Any], *keys: str) -> list[dict[str, Any]]:
    """The objects among the values of ``keys``."""
    return [value for key in keys for value in as_list(node.get(key)) if isinstance(value, dict)]


def as_list(value: object) -> list[Any]:
    """``value`` as JSON-LD means it: one value and a list of one are the same."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _inner(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return next(
        (value[key] for key in ("@value", "value", "alternateName", "@id", "name", "url") if value.get(key)),
        None,
    )


def _line(node: dict[str, Any], *keys: str) -> str | None:
    found = text_of(node, *keys)
    return (plain_line(found) or None) if found else None


def _names(value: object) -> Iterator[str]:
    for item in as_list(value):
        if isinstance(item, dict):
            yield from _names(item.get("name") or item.get("@list"))
        elif isinstance(item, list):
            yield from _names(item)
        elif isinstance(item, str) and item.strip():
            yield item


def _nodes(value: object, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in _HOLDERS:
            if isinstance(value.get(key), dict | list):
                yield from _nodes(value[key], depth + 1)
