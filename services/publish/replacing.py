"""A digest in the place of another one, of which something was retracted before it reached everybody. Pure.

It holds what is left of the other: every article that still stands, in the version that readers were
told last and in its section, and every notice that no later digest has overtaken. The retractions come first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from newsfeed.channels import Channel
from newsfeed.events import DigestPublished
from newsfeed.values import ItemPublished, NoticePublished, Window
from services.publish.candidates import Delivered
from services.publish.composing import sealed
from services.publish.digests import AlsoReported, Digest, Item, Notice


@dataclass(frozen=True, slots=True)
class Old:
    """The digest that is replaced: its fact, what the archive shows of it, and what became of its articles.

    ``held`` is what readers hold of them now, ``retracted`` the notices that take some back.
    """

    fact: DigestPublished
    shown: Digest
    held: Mapping[str, Delivered]
    retracted: Sequence[Notice]

    def stands(self, article_id: str) -> bool:
        """Whether readers still hold a text of it, and nobody takes it back."""
        known = self.held.get(article_id)
        gone = {notice.article_id for notice in self.retracted}
        return known is not None and known.content_sha256 is not None and article_id not in gone

    def left_of(self, item: Item) -> list[Item | AlsoReported]:
        """Who of an item still stands, the lead before the others."""
        told: tuple[Item | AlsoReported, ...] = (item, *item.also)
        return [one for one in told if one.retracted_by is None and self.stands(one.article_id)]

    def is_told_so(self, one: Item | AlsoReported) -> bool:
        """Whether no later digest corrected it."""
        return self.held[one.article_id].version == one.version


@dataclass(frozen=True, slots=True)
class Replacement:
    """A digest that replaces another one, with the parts of its fact."""

    digest: Digest
    items: tuple[ItemPublished, ...]
    notices: tuple[NoticePublished, ...]


def wanted_anew(old: Old) -> Iterator[Item | AlsoReported]:
    """What has to be told in other words than before: what was corrected, and who leads from now on."""
    for item in old.shown.items:
        left = old.left_of(item)
        yield from (one for one in left if one is left[0] is not item or not old.is_told_so(one))


def replacement(
    channel: Channel, number: int, window_id: str, window: Window, old: Old, anew: Mapping[str, Item]
) -> Replacement:
    """The digest ``number`` in the place of an old one; ``window`` covers no position.

    ``anew`` has what :func:`wanted_anew` asks for. What is missing there, because its text cannot be
    read any more, is named among ``more``.
    """
    items, more = list[Item](), [one for one in old.shown.more if old.stands(one)]
    for item in old.shown.items:
        told = [(one, _told(one, old, anew)) for one in old.left_of(item)]
        more += [one.article_id for one, said in told if said is None]
        said = [one for _, one in told if one is not None]
        if said and (lead := _lead(said[0], item, anew)):
            items.append(lead.model_copy(update={"also": tuple(map(_also, said[1:]))}))
        else:
            more += [one.article_id for one in said]
    notices = [*old.retracted, *(one for one in old.shown.notices if _is_newest(one, old))]
    notices.sort(key=lambda one: (one.kind != "retraction", one.article_id))
    sections = old.shown.sections
    digest = sealed(channel, number, window_id, window, notices, items, more, old.fact.number, sections)
    return Replacement(digest, tuple(_items(digest, old)), tuple(_notices(digest, old)))


def _told(one: Item | AlsoReported, old: Old, anew: Mapping[str, Item]) -> Item | AlsoReported | None:
    return one if old.is_told_so(one) else anew.get(one.article_id)


def _lead(one: Item | AlsoReported, item: Item, anew: Mapping[str, Item]) -> Item | None:
    """The article at the head of what was an item before."""
    lead = one if isinstance(one, Item) else anew.get(one.article_id)
    kept = {"develops": item.develops, "section": item.section}
    return lead.model_copy(update=kept) if lead else None


def _also(one: Item | AlsoReported) -> AlsoReported:
    if isinstance(one, AlsoReported):
        return one
    return AlsoReported(**{name: getattr(one, name) for name in AlsoReported.model_fields})


def _is_newest(notice: Notice, old: Old) -> bool:
    """Whether no later digest says more of the article, nor this one."""
    known = old.held.get(notice.article_id)
    is_taken_back = notice.article_id in {one.article_id for one in old.retracted}
    return known is not None and known.digest == old.fact.number and not is_taken_back


def _items(digest: Digest, old: Old) -> Iterator[ItemPublished]:
    stories = {one.article_id: one.story_id for one in old.fact.items}
    leads: dict[str, str | None] = {item.article_id: None for item in digest.items}
    leads |= {also.article_id: item.article_id for item in digest.items for also in item.also}
    leads |= dict.fromkeys(digest.more)
    for article_id, lead in leads.items():
        known = old.held[article_id]
        assert known.content_sha256 is not None
        yield ItemPublished(
            article_id=article_id,
            version=known.version,
            content_sha256=known.content_sha256,
            story_id=stories.get(article_id),
            lead=lead,
        )


def _notices(digest: Digest, old: Old) -> Iterable[NoticePublished]:
    texts = {one.article_id: one.content_sha256 for one in old.fact.notices}
    for notice in digest.notices:
        is_correction = notice.kind == "correction"
        yield NoticePublished(
            kind=notice.kind,
            article_id=notice.article_id,
            version=notice.version,
            content_sha256=texts.get(notice.article_id) if is_correction else None,
            corrects=notice.corrects,
        )
