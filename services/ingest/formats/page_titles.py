"""Which of a page's several titles is the headline: the one that another source confirms."""

from __future__ import annotations

import re

from services.ingest.prose.markup import plain_line

_SEPARATOR = re.compile(r"\s+[|\-–—·•:»«›‹/]+\s+|\s*[|｜]\s*")
_CONFIRMING_CHARACTERS = 20


def choose_title(
    declared: str | None, graph: str | None, headings: list[str], title: str | None, site: str | None
) -> str | None:
    """The headline among JSON-LD ``declared``, Open Graph ``graph``, the ``<h1>``s and ``<title>``.

    A site's name at either end is cut off only where a shorter source or the site's own name says so.
    """
    shown = [line for heading in headings if (line := plain_line(heading))]
    names = {_key(site)} if site else set()
    ld, og, page = (plain_line(text) if text else "" for text in (declared, graph, title))
    for candidate in (ld, og):
        if candidate and _key(candidate) not in names:
            return _confirmed(candidate, [text for text in (*shown, ld, og) if text], site)
    fitting = [line for line in shown if _key(line) not in names]
    in_title = [line for line in fitting if page and _key(line) in _key(page)]
    if in_title or fitting:
        return (in_title or fitting)[0]
    return (_confirmed(page, [], site) if page else None) or next(iter(shown), None)


def _confirmed(candidate: str, others: list[str], site: str | None) -> str:
    """``candidate`` as a better source spells it: without the site's name, or without being cut short."""
    if candidate.endswith(("…", "...")) and len(candidate) >= _CONFIRMING_CHARACTERS:
        start = _key(candidate).rstrip("…. ")
        longer = [other for other in others if _key(other).startswith(start) and other != candidate]
        if longer:
            return longer[0]
    for other in others:
        rest = candidate[len(other) :] if candidate.startswith(other) and other != candidate else ""
        if rest and _SEPARATOR.match(rest):
            return other
    return _without_site(candidate, site)


def _without_site(candidate: str, site: str | None) -> str:
    parts = [*_SEPARATOR.finditer(candidate)]
    if not site or not parts:
        return candidate
    if _key(candidate[parts[-1].end() :]) == _key(site):
        return candidate[: parts[-1].start()]
    if _key(candidate[: parts[0].start()]) == _key(site):
        return candidate[parts[0].end() :]
    return candidate


def _key(text: str) -> str:
    return " ".join(text.casefold().split())
