"""`newsfeed archive` and `newsfeed trim`, and what every other command says after them."""

from __future__ import annotations

import sys
from pathlib import Path

import orjson
import pytest

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.archive.segments import SegmentManifest
from newsfeed.testing.answers import Ask
from newsfeed.testing.archives import finish_groups
from newsfeed.testing.town import BRIDGE, FAIR, Town


@pytest.fixture
def segments(environment: dict[str, str], log: EventLog) -> Path:
    """The folder of the archive that the commands use."""
    return Path(environment["NEWSFEED_VAR"]) / "archive" / str(log.manifest.log_id)


def flip(file: Path, at: int) -> None:
    """Change one byte of a file."""
    data = bytearray(file.read_bytes())
    data[at] ^= 0x01
    file.write_bytes(data)


def kept(segments: Path) -> dict[Path, bytes]:
    """Every file of the archive."""
    return {path: path.read_bytes() for path in segments.rglob("*.*")}


async def damaged(ask: Ask) -> set[str]:
    """The segments that `verify` names, which must be all that it complains of."""
    answer = await ask("verify", "--json")
    assert {problem["code"] for problem in answer.json} <= {"segment_damaged"}
    return {problem["segment"] for problem in answer.json}


async def trim_all(ask: Ask, town: Town) -> None:
    """Archive and trim by command, until Redis holds no event."""
    assert (await ask("archive", "run")).status == 0
    await finish_groups(town.log)
    assert (await ask("trim")).status == 0
    assert [await town.log.redis.xlen(streams.log(p)) for p in (0, 1)] == [0, 0]


@pytest.mark.usefixtures("town")
async def test_archive_run_seals_everything_once(ask: Ask) -> None:
    first = await ask("archive", "run", "--json")
    second = await ask("archive", "run", "--json")
    listed = await ask("archive", "list", "--json")

    assert [segment["segment"] for segment in first.json] == [
        "p0/000000000001-000000000004",
        "p1/000000000001-000000000003",
    ]
    assert second.json == []
    assert listed.json == first.json


async def test_every_answer_is_the_same_after_a_trim_to_nothing(ask: Ask, town: Town) -> None:
    """One asks what happened, not where it is kept."""
    questions = [
        ("articles", "--json"),
        ("article", BRIDGE, "--json"),
        ("content", FAIR[:8]),
        ("events", "--json"),
        ("events", "--since", "2020-01-01"),
        ("trace", BRIDGE, "--json"),
        ("digests", "latest", "--json"),
        ("verify",),
    ]
    before = [await ask(*question) for question in questions]

    await trim_all(ask, town)

    assert [await ask(*question) for question in questions] == before
    assert [answer.status for answer in before] == [0] * len(questions)


async def test_trim_says_who_holds_the_floor(ask: Ask, town: Town) -> None:
    await ask("archive", "run")
    await finish_groups(town.log)
    await town.log.redis.xgroup_setid(streams.log(0), streams.ENRICH, "0-2")

    planned = await ask("trim", "--dry-run", "--json")

    assert [(one["floor"], one["count"], one["holder"]) for one in planned.json] == [
        (2, 2, "group enrich"),
        (3, 3, "archive"),
    ]
    assert await town.log.redis.xlen(streams.log(1)) == 3
    assert "group enrich" in (await ask("trim")).out


@pytest.mark.usefixtures("town")
async def test_trim_refuses_and_fails_when_something_is_unknown(ask: Ask) -> None:
    answer = await ask("trim")

    assert answer.status == 1
    assert "refused: checkpoint archive is not known" in answer.out
    assert [one["refused"] for one in (await ask("trim", "--json")).json] == ["checkpoint archive"] * 2


async def test_the_archive_answers_in_sql(ask: Ask, town: Town) -> None:
    """Years of events, without a program."""
    await trim_all(ask, town)
    sql = (
        "SELECT type, count(*) AS n, min(data->>'article_id') AS a, max(recorded_at) AS t "
        "FROM events GROUP BY type ORDER BY type"
    )

    answer = await ask("archive", "query", sql, "--json")

    assert [(row["type"], row["n"], row["a"]) for row in answer.json] == [
        ("article.enriched", 3, BRIDGE),
        ("article.ingested", 2, BRIDGE),
        ("article.revised", 1, BRIDGE),
        ("article.withdrawn", 1, FAIR),
    ]
    assert all(row["t"].endswith("+00:00") for row in answer.json)
    assert "article.revised" in (await ask("archive", "query", sql)).out


@pytest.mark.usefixtures("town")
async def test_an_empty_archive_answers_too(ask: Ask) -> None:
    answer = await ask("archive", "query", "SELECT count(*) AS n, any_value(data) AS d FROM events", "--json")

    assert answer.json == [{"n": 0, "d": None}]


async def test_a_question_without_duckdb_is_told_what_is_missing(
    ask: Ask, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an extra: sealing and reading on need nothing of it."""
    monkeypatch.setitem(sys.modules, "duckdb", None)
    await trim_all(ask, town)

    answer = await ask("archive", "query", "SELECT 1")

    assert (answer.status, "pip install 'newsfeed[sql]'" in answer.err) == (1, True)
    assert BRIDGE in (await ask("articles")).out


REFUSED = {
    "write": "COPY events TO '{folder}/p0/000000000001-000000000004.parquet'",
    "write over": "COPY events TO '{folder}/p0/000000000001-000000000004.parquet' (USE_TMP_FILE false)",
    "another file": "SELECT * FROM read_text('{folder}/p0/000000000001-000000000004.json')",
    "a folder": "SELECT * FROM glob('{folder}/*')",
    "the network": "SELECT * FROM read_parquet('http://127.0.0.1:9/events.parquet')",
    "an extension": "INSTALL httpfs",
    "two": "SELECT 1; SELECT 2",
    "limits": "SET memory_limit = '100GB'",
    "delete": "DELETE FROM events",
    "nothing": "",
    "nonsense": "SELEKT",
    "unknown": "SELECT color FROM events",
}


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED)
@pytest.mark.usefixtures("town")
async def test_a_question_can_only_read_the_events(ask: Ask, segments: Path, sql: str) -> None:
    """Whoever may ask must not be able to read, or to write, anything else of this machine."""
    await ask("archive", "run")
    before = kept(segments)

    answer = await ask("archive", "query", sql.format(folder=segments))

    assert answer.status == 1
    assert answer.err.startswith("newsfeed: ")
    assert kept(segments) == before


@pytest.mark.no_cover
@pytest.mark.by_turns
@pytest.mark.parametrize("trimmed", [False, True], ids=["hot", "trimmed"])
async def test_one_changed_byte_of_a_segment_is_found_by_name(
    ask: Ask, town: Town, segments: Path, trimmed: bool
) -> None:
    """Whoever keeps years of facts must know which file to bring back from a backup."""
    await ask("archive", "run")
    if trimmed:
        await trim_all(ask, town)
    file = segments / "p0" / "000000000001-000000000004.parquet"

    for at in range(0, len(file.read_bytes()), 397):
        flip(file, at)
        assert await damaged(ask) == {"p0/000000000001-000000000004"}
        flip(file, at)

    assert await damaged(ask) == set()


@pytest.mark.no_cover
@pytest.mark.by_turns
async def test_one_changed_byte_of_a_manifest_is_found_by_name(ask: Ask, town: Town, segments: Path) -> None:
    """Also where the change still is a manifest that can be read, such as another digit of a time."""
    await trim_all(ask, town)
    file = segments / "p1" / "000000000001-000000000003.json"

    for at in range(0, len(file.read_bytes()), 13):
        flip(file, at)
        assert await damaged(ask) == {"p1/000000000001-000000000003"}
        flip(file, at)

    assert await damaged(ask) == set()


async def test_without_its_hash_a_changed_byte_could_go_unnoticed(
    ask: Ask, town: Town, segments: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: a file that can be read, and says what it should, need not be the same."""
    await trim_all(ask, town)
    file = segments / "p0" / "000000000001-000000000004.parquet"
    flip(file, file.read_bytes().rindex(b"parquet-rs"))
    assert await damaged(ask) == {"p0/000000000001-000000000004"}

    monkeypatch.setattr(SegmentManifest, "is_of", lambda *_: True)

    assert await damaged(ask) == set()


async def test_a_damaged_segment_is_never_read(ask: Ask, town: Town, segments: Path) -> None:
    """A wrong answer is worse than none."""
    await trim_all(ask, town)
    flip(segments / "p0" / "000000000001-000000000004.parquet", 200)

    for command in (("events",), ("articles",), ("archive", "query", "SELECT 1 FROM events")):
        answer = await ask(*command)
        assert answer.status == 1
        assert "segment p0/000000000001-000000000004" in answer.err


@pytest.mark.parametrize("file", ["000000000001-000000000004.parquet", "000000000001-000000000004.json"])
async def test_a_segment_that_is_gone_is_missed(ask: Ask, town: Town, segments: Path, file: str) -> None:
    """Positions that Redis gave up must be somewhere."""
    await trim_all(ask, town)
    (segments / "p0" / file).unlink()

    answer = await ask("verify", "--json")

    assert answer.status == 1
    assert {problem["code"] for problem in answer.json} & {"segment_damaged", "position_missing"}


@pytest.mark.usefixtures("town")
async def test_a_segment_of_another_chain_is_found(ask: Ask, segments: Path) -> None:
    """Sound in itself, but not what stood there when its neighbour was sealed."""
    await ask("archive", "run")
    manifest = segments / "p0" / "000000000001-000000000004.json"
    told = orjson.loads(manifest.read_bytes())
    told["previous_sha256"] = "f" * 64
    manifest.write_bytes(orjson.dumps(told, option=orjson.OPT_SORT_KEYS) + b"\n")

    assert await damaged(ask) == {"p0/000000000001-000000000004"}
