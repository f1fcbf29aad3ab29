"""Values of a ninjs item wherever its version keeps them: plain keys, ``body_*`` patterns, lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from newsfeed.documents import Link
from services.ingest.prose.markup import absolute

_BEST_RENDITIONS = ("main", "original", "hires", "highres", "baseimage", "r00", "web", "view", "preview")


def string(item: dict[str, Any], *keys: str) -> str | None:
    """The first of the keys that holds a text."""
    found = (value.strip() for key in keys if isinstance(value := item.get(key), str))
    return next((value for value in found if value), None)


def first(item: dict[str, Any], *keys: str) -> object:
    """The first of the keys that holds anything."""
    return next((item[key] for key in keys if item.get(key) not in (None, "")), None)


def listed(item: dict[str, Any], *keys: str) -> list[Any]:
    """The members of all keys, be they lists or single values."""
    values = [item.get(key) for key in keys]
    lists = [value if isinstance(value, list) else [] if value is None else [value] for value in values]
    return [member for members in lists for member in members]


def members(item: dict[str, Any], *keys: str) -> list[dict[str, Any]]:
    """The objects among :func:`listed`."""
    return [member for member in listed(item, *keys) if isinstance(member, dict)]


def names(item: dict[str, Any], *keys: str) -> list[object]:
    """The members of all keys by name; texts stand for themselves."""
    return [string(member, "name") if isinstance(member, dict) else member for member in listed(item, *keys)]


def patterned(item: dict[str, Any], prefix: str, *suffixes: str) -> str | None:
    """``body_html`` and the like: the wanted suffixes first, then any key of the prefix but XML."""
    wanted = string(item, *(f"{prefix}_{suffix}" for suffix in suffixes))
    others = [key for key in item if key.startswith(f"{prefix}_") and not key.endswith(("nitf", "xml"))]
    return wanted or string(item, *sorted(others))


def variant(
    item: dict[str, Any], key: str, kinds: tuple[str, ...] = ("main", "plain"), *, strict: bool = False
) -> str | None:
    """The value in a list of ninjs 2 and 3 whose role or content type is wanted.

    Without one: None where ``strict``, else the first that is not XML.
    """
    kinded = [(_kind(member), member) for member in members(item, key)]
    chosen = [member for wanted in kinds for kind, member in kinded if wanted in kind]
    others = [] if strict else [member for kind, member in kinded if "application/xml" not in kind]
    return next((text for member in [*chosen, *others] if (text := string(member, "value"))), None)


def _kind(member: dict[str, Any]) -> str:
    return f"{first(member, 'contentType', 'contenttype') or ''} {first(member, 'role') or ''}".casefold()


def media_of(item: dict[str, Any]) -> list[Link]:
    """The best rendition of the item and of each association, with its caption."""
    associations = item.get("associations")
    parts = list(associations.values()) if isinstance(associations, dict) else listed(item, "associations")
    found: dict[str, Link] = {}
    for part in [item, *(part for part in parts if isinstance(part, dict))]:
        for link in _renditions(part):
            found.setdefault(link.href, link)
    return list(found.values())


def _renditions(part: dict[str, Any]) -> Iterator[Link]:
    renditions = part.get("renditions")
    pairs = (
        list(renditions.items())
        if isinstance(renditions, dict)
        else [(rendition.get("name"), rendition) for rendition in members(part, "renditions")]
    )
    usable = [(str(name or ""), one) for name, one in pairs if isinstance(one, dict) and _href(one)]
    if not usable:
        return
    _, best = min(usable, key=lambda pair: _rank(pair[0]))
    kind = string(best, "mimetype", "mimeType", "contentType", "contenttype")
    rel = (
        string(part, "type") if string(part, "type") in {"picture", "video", "audio", "graphic"} else "media"
    )
    yield Link(href=_href(best) or "", rel=rel, title=_caption(part), media_type=kind)


def _href(rendition: dict[str, Any]) -> str | None:
    return absolute(string(rendition, "href"))


def _rank(name: str) -> int:
    lowered = name.casefold()
    ranks = [rank for rank, wanted in enumerate(_BEST_RENDITIONS) if lowered.startswith(wanted)]
    return ranks[0] if ranks else len(_BEST_RENDITIONS)


def _caption(part: dict[str, Any]) -> str | None:
    return (
        string(part, "description_text", "description_caption")
        or variant(part, "descriptions", ("caption",))
        or string(part, "headline")
        or variant(part, "headlines")
    )
