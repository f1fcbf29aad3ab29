"""The articles of an archive: each of its files is read as a seed of its own."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from services.ingest.article import Article, Reading, ReadingHint, Rejection
from services.ingest.progress import each
from services.ingest.unpacking import is_bundle, is_nested, members

MEMBER_REJECTED = "member_rejected"
_NAME_CHARACTERS = 200

Read = Callable[[bytes, ReadingHint], Reading]


def read_packed(data: bytes, hint: ReadingHint, read: Read) -> Reading:
    """All articles of all files that ``read`` can read; one that it rejects becomes a warning.

    Raises Rejection when the archive cannot be opened or none of its files is news: with the reason
    of the only file, else ``archive_without_news``.
    """
    readings: list[tuple[str, Reading]] = []
    refusals: list[tuple[str, Rejection]] = []
    for member in each(members(data, hint.file_name)):
        name = member.name[-_NAME_CHARACTERS:]
        told = hint.model_copy(update={"file_name": f"{hint.file_name}!{name}", "charset": None})
        try:
            if member.refused:
                raise member.refused
            if is_nested(member.data):
                raise Rejection("archive_nested", "an archive in an archive")  # noqa: TRY301 - as above
            readings.append((name, read(member.data, told)))
        except Rejection as rejection:
            refusals.append((name, rejection))
    if not readings:
        raise _why_nothing([rejection for _, rejection in refusals])
    return _joined(readings, refusals) if is_bundle(data) else readings[0][1]


def _joined(readings: list[tuple[str, Reading]], refusals: list[tuple[str, Rejection]]) -> Reading:
    """One reading; what its files do not have in common is left out of it."""
    lost = tuple(f"{MEMBER_REJECTED}: {why.reason} {quote(name)}" for name, why in refusals)
    partly = tuple(warning for _, reading in readings for warning in reading.warnings)
    formats = {reading.format for _, reading in readings}
    charsets = [reading.charset for _, reading in readings]
    return Reading(
        format=formats.pop() if len(formats) == 1 else "archive",
        parser_version=max(reading.parser_version for _, reading in readings),
        charset=charsets[0] if all(charset == charsets[0] for charset in charsets) else None,
        articles=tuple(
            _placed(article, name, index if len(reading.articles) > 1 else None)
            for name, reading in readings
            for index, article in enumerate(reading.articles)
        ),
        warnings=(*lost, *partly),
    )


def _placed(article: Article, name: str, index: int | None) -> Article:
    """The article, identified by its file's place in the archive when it has no identity of its own."""
    if article.local_id:
        return article
    place = article.place or (str(index) if index is not None else "")
    return article.model_copy(update={"place": f"{name}!{place}" if place else name})


def _why_nothing(refusals: list[Rejection]) -> Rejection:
    if len(refusals) == 1:
        return refusals[0]
    codes = sorted({rejection.reason for rejection in refusals})
    return Rejection("archive_without_news", f"{len(refusals)} files: {', '.join(codes) or 'none'}")
