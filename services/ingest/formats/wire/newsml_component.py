"""The component tree of a NewsML 1 item: stories, their parts, and what their metadata say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsfeed.documents import Link
from services.ingest.formats.wire.bodies import Body, body_of_elements, body_of_text
from services.ingest.formats.wire.draft import Draft
from services.ingest.formats.wire.nitf import read_nitf
from services.ingest.formats.wire.openings import people_in, read_dateline
from services.ingest.formats.wire.tree import Element, attribute, attributes, first_text, text_of, texts
from services.ingest.formats.wire.values import is_exact, joined_lines, topics_of
from services.ingest.prose.markup import absolute, plain_line

_TITLE_ROLES = frozenset({"title", "headline", "hl1"})
_SUMMARY_ROLES = frozenset({"lead", "summary", "abstract", "teaser", "intro"})
_PICTURES = frozenset(
    {"caption", "photo", "graphic", "video", "audio", "animation", "image", "picture", "sound"}
)
_CODES = ("Subject", "SubjectMatter", "SubjectDetail", "SubjectQualifier")


def read_component(top: Element) -> list[Draft]:
    """The stories under the outermost component: several where it only holds them together."""
    own = _described(top)
    parts = [part for part in top.findall("./NewsComponent") if _is_story(part)]
    if len(parts) > 1 and top.get("EquivalentsList", "no") != "yes":
        return [draft.completed_by(own) for part in parts for draft in read_component(part)]
    own = own.completed_by(_content(top))
    for part in top.findall("./NewsComponent"):
        own = _with_part(own, part)
    return [own]


def _is_story(part: Element) -> bool:
    """Whether a component has a headline of its own and a text under it, and is no picture's."""
    if _role(part) in _PICTURES:
        return False
    headline = first_text(part, "./NewsLines/HeadLine", "./NewsComponent/NewsLines/HeadLine")
    texts_in = [item for item in part.iter("ContentItem") if not _is_picture(item)]
    return headline is not None and any(text_of(item.find("./DataContent")) for item in texts_in)


def _with_part(whole: Draft, part: Element) -> Draft:
    """``whole`` with one of its parts: a title, a lead, the text, a caption or a picture."""
    role = _role(part)
    (draft,) = read_component(part)[:1] or [Draft()]
    text = draft.body.prose.body
    if role in _TITLE_ROLES:
        return whole.completed_by(Draft(headline=plain_line(text) or None))
    if role in _SUMMARY_ROLES:
        return whole.completed_by(Draft(summary=plain_line(text) or None, headline=draft.headline))
    if any(_is_picture(item) for item in part.findall("./ContentItem")) or role in _PICTURES:
        draft = Draft(media=draft.media, headline=draft.headline if not whole.headline else None)
    return whole.completed_by(draft)


def _described(component: Element) -> Draft:
    """What the lines and the metadata of one component say; its parts are not looked into."""
    lines = component.find("./NewsLines")
    byline = first_text(lines, "./ByLine") or _credit(lines)
    names = (
        *attributes(component, "./AdministrativeMetadata/Creator/Party", "FormalName"),
        *_named(component),
    )
    return Draft(
        headline=first_text(lines, "./HeadLine"),
        summary=_summary(lines),
        byline=byline or _author(component),
        authors=people_in(byline) or tuple(name for name in names if " " in name and people_in(name)),
        dateline=read_dateline(first_text(lines, "./DateLine")),
        slug=first_text(lines, "./SlugLine"),
        editor_note=joined_lines(_notes(component)),
        rights=first_text(lines, "./CopyrightLine", "./RightsLine") or _holder(component),
        keywords=tuple(_keywords(component, lines)),
        places=tuple(_places(component)),
        language=_language(component),
        topics=topics_of(_codes(component)),
        url=absolute(first_text(lines, "./MoreLink")),
    )


def _summary(lines: Element | None) -> str | None:
    """The second headline, unless it is a line of keywords in capitals."""
    found = first_text(lines, "./SubHeadLine", "./SubHeadline")
    return None if found is None or found.isupper() else found


def _author(component: Element) -> str | None:
    """Belga and others name the author by topic, not in a by-line; initials are no byline."""
    parties = component.iterfind("./AdministrativeMetadata/Creator/Party[@Topic='AUTHOR']")
    names = [str(party.get("FormalName") or "").strip() for party in parties]
    return next((name for name in names if " " in name), None)


def _named(component: Element) -> Iterator[str]:
    """The authors that are a property."""
    for key, value in _properties(component, "./AdministrativeMetadata"):
        if key.casefold() == "author":
            yield value


def _credit(lines: Element | None) -> str | None:
    """A credit that names a person; others name the agency."""
    credit = first_text(lines, "./CreditLine")
    return credit if any(" " in name for name in people_in(credit)) else None


def _holder(component: Element) -> str | None:
    return first_text(component, "./RightsMetadata/Copyright/CopyrightHolder", "./RightsMetadata/UsageRights")


def _language(component: Element) -> str | None:
    found = attribute(component, "./DescriptiveMetadata/Language", "FormalName")
    found = (
        found or attribute(component, "./DescriptiveMetada/Language", "FormalName") or component.get("lang")
    )
    return None if found in {None, "", "x-default"} else found


def _notes(component: Element) -> Iterator[str]:
    """Notes to editors: AFP's advisory line, Belga's EditorialInfo, comments on the management."""
    for line in component.iterfind("./NewsLines/NewsLine"):
        kind = attribute(line, "./NewsLineType", "FormalName") or ""
        if re.search(r"advisory|note|ednote|editor|attention|product", kind, re.IGNORECASE):
            yield from texts(line, "./NewsLineText")
    for key, value in _properties(component, "./AdministrativeMetadata"):
        if key in {"EditorialInfo", "EditorialNote", "EdNote"}:
            yield value


def _keywords(component: Element, lines: Element | None) -> Iterator[str]:
    for line in texts(lines, "./KeywordLine"):
        yield from re.split(r"[;,]", line)
    for key, value in _properties(component, "./DescriptiveMetadata"):
        if key.casefold() in {"keyword", "keywords", "topic"}:
            yield from re.split(r"[;,]", value)
    for news_line in component.iterfind("./NewsLines/NewsLine"):
        if attribute(news_line, "./NewsLineType", "FormalName") in {"CatchWord", "Keyword", "catchword"}:
            yield from texts(news_line, "./NewsLineText")
    yield from _names_of_topics(component)
    yield from (code for code in _codes(component) if not is_exact(code))
    yield from texts(component, "./item_keywords/item_keyword")


def _names_of_topics(component: Element) -> Iterator[str]:
    """ANA-MPE spells its subjects out in a topic set: the names, English first."""
    for topic in component.iterfind("./TopicSet/Topic"):
        names = [name for name in topic.findall("./Description") if name.get("Variant", "Name") == "Name"]
        names.sort(key=lambda name: name.get("lang") != "en")
        yield from (text_of(name) for name in names[:1])


def _codes(component: Element) -> list[str]:
    """The subject codes, with their scheme where they are numbers of the IPTC."""
    found: list[str] = []
    for subject in component.iterfind("./DescriptiveMetadata/SubjectCode"):
        for name in _CODES:
            found += [value.strip() for value in attributes(subject, f"./{name}", "FormalName")]
    return [
        f"subj:{code}" if code.isdigit() and not is_exact(code) else code for code in found if code.strip("0")
    ]


def _places(component: Element) -> Iterator[str]:
    """The city of each location, else its country; Belga and ANA-MPE have them as properties."""
    for location in component.iterfind("./DescriptiveMetadata/Location"):
        named = dict(_properties_of(location))
        place = named.get("City") or named.get("CountryArea") or named.get("Country")
        if place:
            yield place
    loose = dict(_properties(component, "./DescriptiveMetadata"))
    yield from filter(None, [loose.get("City")])


def _properties(component: Element, path: str) -> Iterator[tuple[str, str]]:
    for metadata in component.iterfind(path):
        yield from _properties_of(metadata)


def _properties_of(element: Element) -> Iterator[tuple[str, str]]:
    for item in element.iterfind("./Property"):
        if value := (item.get("Value") or "").strip():
            yield str(item.get("FormalName") or ""), value


def _content(component: Element) -> Draft:
    """What the content items of one component hold."""
    whole = Draft()
    for item in component.findall("./ContentItem"):
        whole = whole.completed_by(_item(item))
    return whole


def _item(item: Element) -> Draft:
    if _is_picture(item):
        return Draft(media=tuple(_media(item)))
    data = item.find("./DataContent")
    if data is None:
        return Draft(media=tuple(_media(item)))
    nitf = data.find(".//nitf")
    if nitf is not None:
        return read_nitf(nitf)
    return Draft(body=_body(data))


def _body(data: Element) -> Body:
    """XHTML, NITF without its root, or a string that may be HTML."""
    if not len(data):
        return body_of_text(data.text or "")
    found = data.find(".//body.content")
    found = found if found is not None else data.find(".//body")
    return body_of_elements([found if found is not None else data])


def _role(component: Element) -> str:
    return (attribute(component, "./Role", "FormalName") or "").casefold()


def _is_picture(item: Element) -> bool:
    kinds = [attribute(item, "./MediaType", "FormalName"), attribute(item, "./MimeType", "FormalName")]
    return any(kind.casefold().split("/")[0] in _PICTURES for kind in kinds if kind)


def _media(item: Element) -> Iterator[Link]:
    href = absolute(item.get("Href"))
    if href:
        kind = (attribute(item, "./MediaType", "FormalName") or "media").casefold()
        yield Link(href=href, rel=kind, media_type=attribute(item, "./MimeType", "FormalName"))
