"""The head of a NITF document: its ``docdata``, subjects, keywords and ``meta`` elements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property

from services.ingest.article import Status
from services.ingest.formats.composing import urgency_of
from services.ingest.formats.wire.tree import Element, attribute, attributes, first_text, texts
from services.ingest.formats.wire.values import is_exact, status_of, time_of, topics_of
from services.ingest.prose.sentences import collapse

_SLUG_METAS = ("anpa-keyword", "slugline", "slug", "ap-slug", "ntbstikkord", "ntbslug")
_NOTE_METAS = ("editor-note", "ednote", "editorial-note")
_DATE_METAS = ("timestamp", "date", "dc.date", "publication_date", "ntb-dato")
_PRIORITIES = {"f": 1, "b": 2, "u": 3, "r": 4, "d": 5}
"""ANSA's flash, bulletin, urgent, routine and delayed."""

_MARK = re.compile(r"^>{2,}\s*(?:[A-Z]{2,8}/\s*)?")
"""What ANSA puts before a headline and its keyword (``>>>ANSA/``)."""

_KILL = re.compile(r"\bkill(?:ed)?\b|\bmandatory withdrawal\b", re.IGNORECASE)
_VERSION_END = re.compile(r"^[_:.\-]v?(\d{1,6})$")


def unmarked(text: str | None) -> str | None:
    """A headline without the marks that a wire puts before it."""
    return _MARK.sub("", text or "") or None


class NitfHead:
    """Reads a ``head`` lazily; ``warnings`` fill as the times are read."""

    def __init__(self, root: Element) -> None:
        self._root = root
        self._data = root.find("./head/docdata")
        if self._data is None:
            self._data = root.find(".//docdata")
        self._metas = {
            str(meta.get("name") or "").casefold(): collapse(str(meta.get("content") or ""))
            for meta in root.iterfind("./head/meta")
        }
        self.warnings: list[str] = []
        self.published_at = self._published()
        self.updated_at = self._updated()
        self.expires_at = self._time(attributes(self._data, "./date.expire", "norm"))
        self.embargo_until = self._embargo()

    def _time(self, values: Iterator[str]) -> datetime | None:
        return time_of(values, self.warnings)

    def _published(self) -> datetime | None:
        return self._time(self._dates())

    def _dates(self) -> Iterator[str]:
        """Every time that says when it came out, the most explicit first."""
        yield from attributes(self._data, "./date.issue", "norm")
        yield from attributes(self._data, "./date.release", "norm")
        yield from attributes(self._root, "./head/pubdata", "date.publication")
        yield from attributes(self._root, "./body/body.head//story.date", "norm")
        printed = texts(self._root, "./body/body.head//story.date")
        yield from (date for date in printed if re.search(r"\b\d{4}\b", date))
        yield from (value for name in _DATE_METAS if (value := self._metas.get(name)))

    def _updated(self) -> datetime | None:
        """The last revision that the document tells of; else the issue of this version."""
        revised = list(attributes(self._root, "./head/revision-history", "norm"))
        return self._time(iter(revised[-1:])) or self.published_at

    def _embargo(self) -> datetime | None:
        """The release, where it comes after the issue or the document says that it is embargoed."""
        release = self._time(attributes(self._data, "./date.release", "norm"))
        issued = time_of(attributes(self._data, "./date.issue", "norm"), [])
        is_embargoed = "embargo" in self._status_word.casefold()
        return release if release and (is_embargoed or (issued and release > issued)) else None

    @cached_property
    def _status_word(self) -> str:
        return str(self._data.get("management-status") or "") if self._data is not None else ""

    @property
    def status(self) -> Status:
        """By ``management-status``; a message to editors of the type kill cancels too."""
        kinds = [*attributes(self._data, "./ed-msg", "msg-type")]
        kinds += attributes(self._root, ".//tobject.property", "tobject.property.type")
        if any(_KILL.search(kind) for kind in kinds):
            return "canceled"
        return status_of(self._status_word, self.embargo_until)

    @property
    def document_id(self) -> str | None:
        """The ``doc-id``."""
        found = attribute(self._data, "./doc-id", "id-string")
        return found or self._metas.get("uno") or self._metas.get("article_guid") or None

    @property
    def reference(self) -> tuple[str, Status] | None:
        """The document that this one is an update of or cancels, and what becomes of it."""
        if self._data is None or not (other := str(self._data.get("management-doc-idref") or "").strip()):
            return None
        return other, status_of(str(self._data.get("management-idref-status") or ""))

    @property
    def _dynamic_key(self) -> str:
        return attribute(self._data, "./du-key", "key") or ""

    @property
    def local_id(self) -> str | None:
        """The ``doc-id`` of the first version, as far as the document tells.

        It is the document that this one updates, or the ``doc-id`` without a version at its end
        where the ``du-key`` shows that it is one.
        """
        if self.reference and self.reference[1] == "usable":
            return self.reference[0]
        whole, key = self.document_id, self._dynamic_key
        is_versioned = whole and key and whole.startswith(key) and _VERSION_END.match(whole[len(key) :])
        return key if is_versioned else whole

    @property
    def revision(self) -> str | None:
        """The version of the ``du-key``, or the one at the end of the ``doc-id``."""
        given = attribute(self._data, "./du-key", "version", "generation")
        found = _VERSION_END.match((self.document_id or "").removeprefix(self._dynamic_key or "\0"))
        return given or (found[1] if found else None)

    @property
    def urgency(self) -> int | None:
        """1 (most) to 9."""
        given = urgency_of(attribute(self._data, "./urgency", "ed-urg"))
        return given or _PRIORITIES.get(self._metas.get("priority", "").casefold())

    @property
    def rights(self) -> str | None:
        """``© year holder`` of the copyright, else the owner of the rights."""
        holder = attribute(self._data, "./doc.copyright", "holder")
        year = attribute(self._data, "./doc.copyright", "year")
        if holder:
            return f"© {year} {holder}" if year else f"© {holder}"
        return attribute(self._data, "./doc.rights", "owner", "agent")

    @property
    def slug(self) -> str | None:
        """The keyword line of the wire, where a document has one; else its first keyword."""
        metas = (self._metas.get(name) for name in _SLUG_METAS)
        return next(filter(None, metas), None) or next(iter(self._key_list), None)

    @cached_property
    def _key_list(self) -> list[str]:
        found = [*attributes(self._data, ".//key-list/keyword", "key"), *texts(self._data, ".//keyword")]
        return [*found, *attributes(self._root, "./head/key-list/keyword", "key")]

    @property
    def keywords(self) -> tuple[str, ...]:
        """Keywords, subjects by name, and the people and organisations that editors marked."""
        subjects = self._root.findall(".//tobject.subject")
        named = [subject for subject in subjects if (subject.get("tobject.subject.refnum") or "1").strip("0")]
        names = (str(subject.get(name) or "") for subject in named for name in _SUBJECT_NAMES)
        content = "./head/docdata//identified-content/"
        marked = [
            value
            for name in ("person", "org", "object.title", "event")
            for value in (
                *texts(self._root, content + name),
                *attributes(self._root, content + name, "value"),
            )
        ]
        odd = (code for code in self._codes if not is_exact(code))
        split = (
            part
            for name in ("keywords", "news_keywords", "keyword")
            for part in _MARK.sub("", self._metas.get(name, "")).split(",")
        )
        return (*self._key_list, *split, *names, *marked, *odd)

    @cached_property
    def _codes(self) -> list[str]:
        iptc = attributes(self._root, "./head/meta[@name='category_iptc']", "content")
        return [
            f"subj:{code}" if code.isdigit() and not is_exact(code) else code
            for code in (*self._reference_numbers, *iptc)
        ]

    @property
    def _reference_numbers(self) -> list[str]:
        return [
            code
            for subject in self._root.iterfind(".//tobject.subject")
            if (code := collapse(str(subject.get("tobject.subject.refnum") or "")))
            and str(subject.get("tobject.subject.ipr") or "IPTC").upper() in {"IPTC", ""}
            and code.strip("0")
        ]

    @property
    def topics(self) -> tuple[str, ...]:
        """Media Topics of the subjects and of ``classifier`` elements."""
        classified = attributes(self._root, ".//classifier", "value", "idsrc")
        return topics_of([*self._codes, *(code for code in classified if ":" in code)])

    @property
    def editor_notes(self) -> list[str]:
        """Messages to editors."""
        metas = [value for name in _NOTE_METAS if (value := self._metas.get(name))]
        return [*attributes(self._data, "./ed-msg", "info"), *texts(self._data, "./ed-msg"), *metas]

    @property
    def places(self) -> tuple[str, ...]:
        """Where it happened, the smallest place of each mention, and the places that editors marked."""
        events = (
            value
            for place in self._root.iterfind(".//evloc")
            if (value := next(filter(None, (place.get(name) for name in _PLACE_NAMES)), None))
        )
        marked = self._root.iterfind("./head/docdata//identified-content/location")
        named = (first_text(place, "./city", "./region", "./state", "./country", ".") for place in marked)
        return (*events, *filter(None, named))


_SUBJECT_NAMES = ("tobject.subject.type", "tobject.subject.matter", "tobject.subject.detail")
_PLACE_NAMES = ("city", "county-dist", "state-prov", "country", "iso-cc")
