"""Archives: every file in one is a seed, and none of them can do harm."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import zipfile

import pytest

from services.ingest import intake, unpacking
from services.ingest.article import Reading, ReadingHint, Rejection
from services.ingest.packed import read_packed
from services.ingest.reading_child import bounded
from services.ingest.sniffing import read_seed

TEXT = b"Ferry back\n\nThe ferry is back. It runs hourly.\n"
JSON = b'{"uri": "urn:1", "headline": "Bus late"}'


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def read(data: bytes, name: str = "a.zip") -> Reading:
    return read_seed(data, ReadingHint(file_name=name))


def refusal(data: bytes, name: str = "a.zip") -> Rejection:
    with pytest.raises(Rejection) as caught:
        read(data, name)
    return caught.value


def test_every_file_of_an_archive_is_read_by_its_own_format() -> None:
    """Sources send a day's copy in one archive, of several formats."""
    reading = read(zipped({"x/a.txt": TEXT, "b.json": JSON, "c.md": b"---\ntitle: Rail\n---\nGone."}))

    assert [article.document.title for article in reading.articles] == ["Ferry back", "Bus late", "Rail"]
    assert (reading.format, reading.warnings) == ("archive", ())


def test_an_article_without_an_id_is_known_by_its_file() -> None:
    """A file that is added to the archive must not change the identity of another."""
    few = read(zipped({"b.txt": TEXT}))
    more = read(zipped({"a.txt": b"Bus late\n\nIt waits.\n", "b.txt": TEXT}))

    assert [article.place for article in few.articles] == ["b.txt"]
    assert [article.place for article in more.articles] == ["a.txt", "b.txt"]


def test_its_place_makes_the_identity_of_an_article(arrival: intake.Arrival) -> None:
    """The planted bug: by number alone, the second file would become the first one's revision."""
    (article,) = read(zipped({"b.txt": TEXT})).articles
    numbered = article.model_copy(update={"place": None})

    assert intake.article_id(arrival, article, 0) == intake.article_id(arrival, article, 1)
    assert intake.article_id(arrival, numbered, 0) != intake.article_id(arrival, numbered, 1)


def test_an_id_of_the_document_goes_before_its_place() -> None:
    """The same item may arrive alone later."""
    (article,) = read(zipped({"b.json": JSON})).articles

    assert (article.local_id, article.place) == ("urn:1", None)


def test_one_bad_file_does_not_sink_the_rest() -> None:
    """It becomes a warning with its code and its name."""
    reading = read(zipped({"a.txt": TEXT, "b c.xml": b"<a><b></a>", "d.bin": bytes(range(256))}))

    assert len(reading.articles) == 1
    assert reading.warnings == (
        "member_rejected: corrupt b%20c.xml",
        "member_rejected: unknown_format d.bin",
    )


def test_litter_of_operating_systems_is_no_file() -> None:
    """Nobody packed these on purpose."""
    litter = {"__MACOSX/._a.txt": b"\0\5", ".DS_Store": b"\0\0", "x/Thumbs.db": b"\0"}

    assert read(zipped({"a.txt": TEXT, **litter})).warnings == ()


@pytest.mark.parametrize("name", ["../b.txt", "/etc/b.txt", "x/../../b.txt", "..\\b.txt", "C:\\b.txt"])
def test_a_name_that_leads_out_of_the_archive_is_refused(name: str) -> None:
    """Nothing is written to disk here, but a name goes into the log and the next program may."""
    reading = read(zipped({"a.txt": TEXT, name: TEXT}))

    assert (len(reading.articles), len(reading.warnings)) == (1, 1)
    assert reading.warnings[0].startswith("member_rejected: archive_unsafe_name")


def test_a_link_is_refused() -> None:
    """Its content is a path."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")

    assert refusal(buffer.getvalue()).reason == "archive_unsafe_name"


def test_a_bomb_is_not_expanded() -> None:
    """60 MB in 58 kB, at once and in layers."""
    bomb = zipped({"a.txt": b" " * 60_000_000})

    assert refusal(bomb).reason == "archive_too_large"
    assert refusal(gzip.compress(b"x" * 20_000_000), "a.txt.gz").reason == "archive_too_large"
    assert refusal(zipped({"a.zip": zipped({"a.txt": TEXT})})).reason == "archive_nested"


def test_a_member_that_lies_about_its_size_is_refused() -> None:
    """The size in the directory is the writer's word; the planted bug trusts it."""
    data = bytearray(zipped({"a.txt": TEXT * 100}))
    directory = data.index(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = struct.pack("<I", 10)

    assert refusal(bytes(data)).reason in {"corrupt", "archive_too_large"}


def test_the_bounds_are_what_stops_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug: without them the same bytes are expanded."""
    bomb = gzip.compress(b"word " * 1_000_000)
    monkeypatch.setattr(unpacking, "_refuse_bomb", lambda *_: None)

    assert len(unpacking.gunzipped(bomb)) == 5_000_000


def test_too_many_files_are_refused() -> None:
    """Each costs time, however small."""
    assert refusal(zipped({f"{n}.txt": b"x" for n in range(1_001)})).reason == "archive_too_many"


def test_an_archive_with_a_password_is_refused() -> None:
    """The flag in the directory says so."""
    data = bytearray(zipped({"a.txt": TEXT}))
    data[data.index(b"PK\x01\x02") + 8] |= 1

    assert refusal(bytes(data)).reason == "archive_encrypted"


def test_an_archive_of_nothing_is_rejected_with_all_codes() -> None:
    """An editor sees why at a glance."""
    rejection = refusal(zipped({"a.bin": bytes(range(256)), "b.xml": b"<a><b></a>"}))

    assert (rejection.reason, rejection.detail) == (
        "archive_without_news",
        "2 files: corrupt, unknown_format",
    )
    assert refusal(zipped({})).reason == "archive_without_news"


@pytest.mark.parametrize("cut", [30, 60, 100])
def test_a_damaged_archive_is_corrupt(cut: int) -> None:
    """The directory of a zip stands at its end."""
    assert refusal(zipped({"a.txt": TEXT, "b.txt": TEXT})[:-cut]).reason == "corrupt"


def test_a_compressed_file_is_read_as_the_file_it_is() -> None:
    """Its name without ``.gz`` is the hint; its path alone identifies it, as without compression."""
    (article,) = read(gzip.compress(b"# Ferry\n\nBack.\n"), "a.md.gz").articles

    assert (article.document.title, article.place) == ("Ferry", None)


def test_several_gzip_streams_are_one_file() -> None:
    """Logs are compressed in pieces; what follows the last one is padding."""
    data = gzip.compress(b"Ferry back\n\n") + gzip.compress(b"It runs.\n") + b"\0" * 64

    assert read(data, "a.txt.gz").articles[0].document.body == "It runs."


def test_a_compressed_file_that_is_cut_off_is_corrupt() -> None:
    """Half an article is no article."""
    assert refusal(gzip.compress(TEXT * 50)[:-20], "a.txt.gz").reason == "corrupt"


def test_a_file_is_hinted_by_archive_and_name() -> None:
    """Reasons and logs can say which file of which archive."""
    told: list[str] = []

    def note(data: bytes, hint: ReadingHint) -> Reading:
        told.append(hint.file_name)
        return read_seed(data, hint)

    read_packed(zipped({"x/a.txt": TEXT}), ReadingHint(file_name="o.zip"), note)

    assert told == ["o.zip!x/a.txt"]


def test_one_text_that_is_too_long_does_not_sink_the_rest() -> None:
    """The limit is that of one article."""
    data = zipped({"a.txt": TEXT, "b.txt": b"Word by word. " * 100_000}, zipfile.ZIP_STORED)
    reading = bounded(read(data))

    assert [article.place for article in reading.articles] == ["a.txt"]
    assert reading.warnings == ("too_large_text: 1 of 2",)
