"""Sealed segments, and the log that is read through them as if nothing was ever trimmed."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path

import pytest

from newsfeed import streams
from newsfeed.errors import LogConflict, LogDamaged, LogForgotten
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.archive.reader import BLOCKS_KEPT, Archive
from newsfeed.eventlog.archive.rows import raw_of
from newsfeed.eventlog.archive.stores import FolderStore, open_store
from newsfeed.eventlog.archive.tables import read_block
from newsfeed.eventlog.entries import Entry
from newsfeed.eventlog.expected import EXISTS, NO_STREAM
from newsfeed.eventlog.trimming import trim
from newsfeed.events import ArticleIngested
from newsfeed.readmodel.timeline import position_before, recorded_at
from newsfeed.testing.archives import archive_all, archive_of, finish_groups, trim_to_nothing
from newsfeed.testing.facts import append_raw, enrichment_append, version_append, withdrawn_append

ARTICLE = "a4"
"""It is in the first of two partitions."""


async def fill(log: EventLog, count: int = 250) -> None:
    """Events of many articles in the first partition, with an enrichment after each hundred."""
    for start in range(0, count, 50):
        await log.append(0, [version_append(f"n{number}") for number in range(start, start + 50)])


async def everything(log: EventLog) -> list[Entry]:
    return [entry async for entry in log.read(0)]


async def test_a_segment_holds_the_exact_bytes_of_its_entries(archived: EventLog, store: FolderStore) -> None:
    """What cannot be read today, such as bytes that are not UTF-8, a later version may understand."""
    await archived.append(0, [version_append(ARTICLE)])
    await append_raw(archived, ARTICLE, b'{"type":"article.sung","text":"\xff\xfe\\u0000\xc3\xa9\'\\""}')
    raws = await archived.redis.xrange(streams.log(0))

    [segment] = await archive_all(archived)

    path = store.path(f"{segment.name}.parquet")
    assert path
    assert [raw_of(stored) for stored in read_block(path, 0)] == raws
    assert (segment.first, segment.last, segment.count) == (1, 2, 2)


async def test_segments_follow_each_other_by_hash(archived: EventLog) -> None:
    """A segment cannot be exchanged without its neighbour noticing."""
    await fill(archived)

    first, second, third = await archive_all(archived, limit=100)

    assert [segment.last for segment in (first, second, third)] == [100, 200, 250]
    assert first.previous_sha256 == "0" * 64
    assert (second.previous_sha256, third.previous_sha256) == (first.sha256, second.sha256)


async def test_replay_from_the_first_position_works_after_any_trim(archived: EventLog) -> None:
    """Every read model can be made anew, however little Redis still holds."""
    await fill(archived)
    before = await everything(archived)

    await trim_to_nothing(archived, limit=60)

    assert await everything(archived) == before
    assert [e.position async for e in archived.read(0, after=58, through=62)] == [59, 60, 61, 62]

    await archived.append(0, [version_append("later")])

    assert [entry.position for entry in await everything(archived)] == list(range(1, 252))


async def test_a_reader_on_its_way_does_not_notice_a_trim(archived: EventLog) -> None:
    """Trimming must not wait for readers, nor disturb them."""
    await fill(archived)
    positions: list[int] = []

    async with aclosing(archived.read(0)) as entries:
        async for entry in entries:
            positions.append(entry.position)
            if entry.position == 10:
                await trim_to_nothing(archived)

    assert positions == list(range(1, 251))


async def test_another_process_sees_what_was_sealed_since_it_looked(
    archived: EventLog, store: FolderStore
) -> None:
    """The index of a reader is a cache; a miss is a reason to look again, not an answer."""
    other = EventLog(archived.redis, archived.manifest, Archive(store, archived.manifest.log_id))
    await fill(archived, 50)
    await trim_to_nothing(archived)
    assert len(await everything(other)) == 50

    await fill(archived, 50)  # They are there already: nothing is appended.
    await archived.append(0, [version_append("later")])
    await trim_to_nothing(archived)

    assert len(await everything(other)) == 51


async def test_a_gap_in_redis_is_not_filled_from_the_archive(archived: EventLog) -> None:
    """Somebody deleted an entry: that must be noticed, even where a copy exists."""
    await fill(archived, 50)
    await archive_all(archived)
    await archived.redis.xdel(streams.log(0), "0-20")

    with pytest.raises(LogDamaged, match="position 20 is missing"):
        await everything(archived)


async def test_what_neither_redis_nor_the_archive_has_is_a_gap(archived: EventLog) -> None:
    """A projector must halt there, and never skip."""
    await fill(archived, 50)
    await archived.redis.xtrim(streams.log(0), minid="0-11", approximate=False)

    with pytest.raises(LogDamaged, match="position 1 is missing"):
        await everything(archived)


async def test_an_event_that_was_trimmed_is_still_known(archived: EventLog) -> None:
    """A seed that comes back after a year is the same article; the rest of its batch is appended."""
    await archived.append(0, [version_append(ARTICLE), version_append(ARTICLE, 2)])
    await trim_to_nothing(archived)

    answers = await archived.append(
        0, [version_append("new"), version_append(ARTICLE), version_append(ARTICLE, 3)]
    )

    assert answers == [3, -1, 4]
    assert await archived.append(0, [version_append(ARTICLE), version_append(ARTICLE, 2)]) == [-1, -2]


async def test_without_the_archive_nothing_is_appended_on_a_guess(archived: EventLog, log: EventLog) -> None:
    """Whether an event is a duplicate cannot be told then; a wrong guess would be in the log for ever."""
    await archived.append(0, [version_append(ARTICLE), version_append(ARTICLE, 2)])
    await trim_to_nothing(archived)

    with pytest.raises(LogForgotten):
        await log.append(0, [version_append(ARTICLE)])


async def test_a_new_event_of_a_trimmed_article_is_appended(archived: EventLog) -> None:
    """What an event derives from is long archived when an enrichment is made anew."""
    await archived.append(0, [version_append(ARTICLE)])
    entry = await archived.entry(0, 1)
    assert entry
    cause = entry.readable()
    assert isinstance(cause, ArticleIngested)
    await trim_to_nothing(archived)

    enrichment = enrichment_append(cause)

    assert await archived.append(0, [enrichment]) == [2]
    await trim_to_nothing(archived)
    assert await archived.append(0, [enrichment]) == [-2]
    assert await archived.append(0, [withdrawn_append(ARTICLE, 2)]) == [3]


async def test_a_conflict_with_a_trimmed_event_names_it(archived: EventLog) -> None:
    """A writer decides anew by what is there; that it was trimmed is none of its business."""
    append = version_append(ARTICLE)
    await archived.append(0, [append])
    await trim_to_nothing(archived)

    with pytest.raises(LogConflict) as conflict:
        await archived.append(0, [version_append("other"), version_append(ARTICLE, 3)])

    told = conflict.value
    assert (told.index, told.version, told.position) == (1, 1, 1)
    assert told.event_id == str(append.event.event_id)


@pytest.mark.parametrize(("expected", "fits"), [(EXISTS, True), (NO_STREAM, False)])
async def test_what_a_writer_expects_holds_for_a_trimmed_article(
    archived: EventLog, expected: int, fits: bool
) -> None:
    await archived.append(0, [version_append(ARTICLE)])
    await trim_to_nothing(archived)
    append = version_append(ARTICLE, 2)
    object.__setattr__(append, "expected", expected)

    if fits:
        assert await archived.append(0, [append]) == [2]
    else:
        with pytest.raises(LogConflict):
            await archived.append(0, [append])


async def test_the_history_of_an_article_goes_on_into_the_archive(archived: EventLog) -> None:
    """One asks for an article, not for where it is kept."""
    await archived.append(0, [version_append(ARTICLE), version_append("b"), version_append(ARTICLE, 2)])
    await trim_to_nothing(archived)
    await archived.append(0, [withdrawn_append(ARTICLE, 3)])

    assert [entry.version for entry in await archived.history(ARTICLE)] == [1, 2, 3]

    newest = await archived.newest_versions([ARTICLE, "b", "never"], {0: 3})
    assert {subject: event.version for subject, event in newest.items()} == {ARTICLE: 2, "b": 1}


async def test_a_moment_is_found_in_the_archive_too(archived: EventLog) -> None:
    """`newsfeed events --since` looks for times by halving, over positions of any age."""
    await fill(archived)
    times = [recorded_at(entry) for entry in await everything(archived)]
    await trim_to_nothing(archived, limit=100)
    moment = times[120]
    assert moment

    found = await position_before(archived, 0, moment)

    assert found == sum(time is not None and time < moment for time in times)


async def test_few_blocks_are_kept_in_memory(archived: EventLog) -> None:
    """A replay of a large archive must not fill the memory."""
    await fill(archived, 100)
    await trim_to_nothing(archived, limit=5)

    assert len(await everything(archived)) == 100
    assert len(archive_of(archived)._blocks) == BLOCKS_KEPT


async def test_an_archive_can_be_behind_a_url(log: EventLog, tmp_path: Path) -> None:
    """The same on an object store: nothing but the store knows where it is."""
    store = open_store(f"memory:/{tmp_path}")
    remote = EventLog(log.redis, log.manifest, Archive(store, log.manifest.log_id))
    await fill(remote, 100)

    await trim_to_nothing(remote, limit=40)

    assert [entry.position for entry in await everything(remote)] == list(range(1, 101))


async def test_a_new_log_does_not_read_the_segments_of_an_old_one(
    archived: EventLog, store: FolderStore
) -> None:
    """After everything was deleted the same positions are other events."""
    await fill(archived, 50)
    await archive_all(archived)
    stranger = archived.manifest.model_copy(update={"log_id": archived.manifest.log_id.__class__(int=1)})
    other = EventLog(archived.redis, stranger, Archive(store, stranger.log_id))

    assert await archive_of(other).pieces(0) == []


async def test_nothing_is_trimmed_that_the_archive_does_not_hold(archived: EventLog) -> None:
    await fill(archived, 50)
    await archive_all(archived)
    await archived.append(0, [version_append("later")])
    await finish_groups(archived)

    done = await trim(archived, 0)

    assert (done.count, done.floor, done.holder) == (50, 50, streams.ARCHIVE)
    assert len(await everything(archived)) == 51
