"""What a NewsML-G2 item says of itself: ``itemMeta``, ``contentMeta`` and ``rightsInfo``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsfeed.documents import Dateline, Link
from services.ingest.article import Status
from services.ingest.formats.composing import urgency_of
from services.ingest.formats.wire.draft import Draft
from services.ingest.formats.wire.openings import people_in, read_dateline
from services.ingest.formats.wire.tree import Element, attribute, first_text, text_of, texts
from services.ingest.formats.wire.values import is_exact, joined_lines, status_of, time_of, topics_of
from services.ingest.prose.markup import absolute

EMBARGO_WITHOUT_TIME = "embargo_without_time"
"""Producers leave the element empty where they mean no embargo; ``pubStatus`` says what holds."""

_PLACES = re.compile(r"geo|city|country|region|location|poi|^cpt-?type:5$", re.IGNORECASE)
"""In words, or by its number among the IPTC's types of concepts."""

_AUTHORS = re.compile(r"author|reporter", re.IGNORECASE)
"""Roles of contributors who wrote a part of it."""

_SECOND_ROLES = re.compile(r"sub|kicker|over|short|summary|deck|alternat|extended|seo", re.IGNORECASE)
_CAPTION_ROLES = re.compile(r"caption|summary|abstract|teaser|lead|desc|intro|standfirst", re.IGNORECASE)
_PRIVATE_NOTES = re.compile(r"closingline|notepad|picture|correctionshort", re.IGNORECASE)
_ACCOUNT = re.compile(r"^[a-z0-9_-]+(?:\.[a-z0-9_-]+)+$|^[A-Z]{2,4}$")


def read_metadata(item: Element) -> Draft:
    """The draft of an item without its content."""
    meta, content, notes = item.find("./itemMeta"), item.find("./contentMeta"), list[str]()
    embargo = time_of(texts(meta, "./embargoed"), notes)
    sent = texts(item.getroottree().getroot(), "./header/sent", "./Header/Sent")
    changed = (*texts(meta, "./versionCreated"), *texts(content, "./contentModified"))
    created = (*texts(meta, "./firstCreated"), *changed, *texts(content, "./contentCreated"), *sent)
    is_endless = meta is not None and meta.find("./embargoed") is not None and embargo is None
    notes += [EMBARGO_WITHOUT_TIME] if is_endless else []
    byline = first_text(content, "./by")
    return Draft(
        headline=_headline(content) or first_text(meta, "./title"),
        summary=_description(content),
        byline=byline,
        authors=people_in(byline) or tuple(_creators(content)),
        dateline=_dateline(content),
        slug=first_text(content, "./slugline") or first_text(meta, "./slugline"),
        editor_note=joined_lines(_notes(meta)),
        rights=_rights(item),
        keywords=(*texts(content, "./keyword"), *_subjects(content)),
        places=tuple(dict.fromkeys(_places(content))),
        document_id=item.get("guid"),
        local_id=item.get("guid") or _alternative(content),
        revision=item.get("version"),
        status=_status(meta, item),
        language=_language(item, content),
        published_at=time_of(created, notes),
        updated_at=time_of(changed, notes),
        expires_at=time_of(texts(meta, "./expires"), notes),
        embargo_until=embargo,
        urgency=urgency_of(first_text(content, "./urgency")),
        topics=topics_of(_codes(content)),
        url=_url(meta),
        links=tuple(_links(item)),
        warnings=tuple(notes),
    )


def _headline(content: Element | None) -> str | None:
    """The headline with the lowest rank and no role of a second one."""
    lines = content.findall("./headline") if content is not None else []
    filled = [line for line in lines if text_of(line)]
    ranked = sorted(filled, key=lambda line: (_is_second(line), _rank(line)))
    return text_of(ranked[0]) if ranked else None


def _is_second(element: Element) -> bool:
    return _SECOND_ROLES.search(element.get("role") or "") is not None


def _rank(element: Element) -> int:
    rank = element.get("rank") or "1"
    return int(rank) if rank.isdecimal() else 99


def _description(content: Element | None) -> str | None:
    """The description that is a summary, else a second headline."""
    found = content.findall("./description") if content is not None else []
    filled = [description for description in found if text_of(description)]
    filled.sort(key=lambda description: _CAPTION_ROLES.search(description.get("role") or "summary") is None)
    if filled:
        return text_of(filled[0])
    lines = content.findall("./headline") if content is not None else []
    second = [text_of(line) for line in lines if "sub" in (line.get("role") or "").casefold()]
    return next(filter(None, second), None)


def _creators(content: Element | None) -> Iterator[str]:
    """The people who wrote it by name; agencies and accounts (``lee.ann``) are none."""
    people = [] if content is None else content.findall("./creator")
    others = [] if content is None else content.findall("./contributor")
    people += [other for other in others if _AUTHORS.search(other.get("role") or "")]
    for creator in people:
        name = first_text(creator, "./name") or creator.get("literal")
        if name and " " in name and not _ACCOUNT.match(name) and not name.isupper():
            yield from people_in(name)


def _dateline(content: Element | None) -> Dateline | None:
    given = read_dateline(first_text(content, "./dateline"))
    if given and given.place:
        return given
    located = first_text(content, "./located/name") or attribute(content, "./located", "literal")
    place = Dateline(place=located) if located else None
    return given.model_copy(update={"place": located}) if given else place


def _notes(meta: Element | None) -> Iterator[str]:
    """Notes to editors, but for signatures and what repeats the others."""
    for note in [*meta.findall("./edNote"), *meta.findall("./ednote")] if meta is not None else []:
        if not _PRIVATE_NOTES.search(note.get("role") or ""):
            yield text_of(note)


def _rights(item: Element) -> str | None:
    info = item.find("./rightsInfo")
    return (
        first_text(info, "./copyrightNotice", "./copyrightHolder/name")
        or attribute(info, "./copyrightHolder", "literal")
        or first_text(info, "./usageTerms")
    )


def _status(meta: Element | None, item: Element) -> Status:
    """By ``pubStatus``, which is usable by default; a delete message and a kill signal cancel."""
    status = meta.find("./pubStatus") if meta is not None else None
    word = "" if status is None else status.get("qcode") or status.get("uri") or status.get("literal") or ""
    signals = meta.findall("./signal") if meta is not None else []
    kills = [signal for signal in signals if re.search(r"[:/]kill$", signal.get("qcode") or "")]
    action = attribute(item, "./itemMeta/itemRole", "qcode") or ""
    return "canceled" if kills or action.endswith(":kill") else status_of(word or text_of(status))


def _language(item: Element, content: Element | None) -> str | None:
    return attribute(content, "./language", "tag") or item.get("lang")


def _codes(content: Element | None) -> Iterator[str]:
    """Every code of a subject and of the concepts that it is the same as."""
    for subject in content.findall("./subject") if content is not None else []:
        same = [code for path in ("./sameAs", "./narrower") for code in _codes_at(subject, path)]
        own = _code(subject)
        exact = [code for code in [own, *same] if is_exact(code)]
        yield from exact or [own, *same]


def _codes_at(subject: Element, path: str) -> list[str]:
    return [_code(element) for element in subject.findall(path)]


def _code(element: Element) -> str:
    return element.get("qcode") or element.get("uri") or element.get("literal") or ""


def _is_place(subject: Element) -> bool:
    return _PLACES.search(subject.get("type") or "") is not None


def _subjects(content: Element | None) -> Iterator[str]:
    """Subjects that are no places by name; by code where they have no name and no Media Topic."""
    for subject in content.findall("./subject") if content is not None else []:
        if not _is_place(subject):
            name = first_text(subject, "./name[@role='nrol:display']", "./name")
            code = _code(subject)
            yield name or ("" if is_exact(code) else code)


def _places(content: Element | None) -> Iterator[str]:
    for subject in content.findall("./subject") if content is not None else []:
        if _is_place(subject):
            yield (
                first_text(subject, "./name[@role='nrol:display']", "./name") or subject.get("literal") or ""
            )
    yield from texts(content, "./located/name")
    yield attribute(content, "./located", "literal") or ""


def _alternative(content: Element | None) -> str | None:
    return first_text(content, "./altId")


def _url(meta: Element | None) -> str | None:
    """The address that is called canonical, or that the item is an alternative of."""
    for link in meta.findall("./link") if meta is not None else []:
        href = absolute(link.get("href"))
        if href and re.search(r"canonical|webversion|self", link.get("rel") or "", re.IGNORECASE):
            return href
    return None


def _links(item: Element) -> Iterator[Link]:
    """Addresses of other documents: links of the item, and the members of a package."""
    for link in [*item.findall("./itemMeta/link"), *item.findall("./groupSet//itemRef")]:
        href = absolute(link.get("href"))
        if href and "canonical" not in (link.get("rel") or ""):
            rel = (link.get("rel") or "related").split(":")[-1]
            yield Link(
                href=href, rel=rel, title=first_text(link, "./title"), media_type=link.get("contenttype")
            )
