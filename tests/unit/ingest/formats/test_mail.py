"""E-mail as news desks get it: its header fields, mailboxes, and how it is recognised."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.ingest.article import Article, Reading, ReadingHint, Rejection
from services.ingest.formats import mail
from services.ingest.formats.shape import Head
from services.ingest.sniffing import choose

HEAD = "From: Ann Lee <ann@news.example>\nSubject: Ferry back\nDate: Tue, 5 Mar 2024 10:15:00 +0100\n"
PLAIN = HEAD + "Message-ID: <1@news.example>\n\nThe ferry is back.\n\nIt runs hourly.\n"


def read(message: str | bytes, **hint: str) -> Reading:
    return mail.parse(message.encode() if isinstance(message, str) else message, ReadingHint(**hint))


def only(message: str | bytes) -> Article:
    (article,) = read(message).articles
    return article


def test_a_message_becomes_an_article() -> None:
    """Subject, sender, date and id are its title, byline, time and identity."""
    article = only(PLAIN)

    document = article.document
    assert (document.title, document.body) == ("Ferry back", "The ferry is back.\n\nIt runs hourly.")
    assert (document.byline, document.authors) == ("Ann Lee", ("Ann Lee",))
    assert (article.local_id, document.document_id) == ("1@news.example", "1@news.example")
    assert article.published_at == datetime(2024, 3, 5, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\n"])
def test_any_end_of_line_will_do(newline: str) -> None:
    """Old programs and bad exports end lines with a bare carriage return."""
    article = only(PLAIN.replace("\n", newline))

    assert (article.document.title, article.document.body) == (
        "Ferry back",
        "The ferry is back.\n\nIt runs hourly.",
    )


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"=?utf-8?q?F=C3=A4hre?=", "Fähre"),
        (b"=?UTF-8?B?RsOk?=\n =?utf-8?b?aHJl?=", "Fähre"),
        (b"=?utf-8?Q?F=C3?= =?utf-8?Q?=A4hre?=", "Fähre"),
        (b"=?iso-8859-1?Q?F=E4hre_zur=FCck?= am Montag", "Fähre zurück am Montag"),
        (b"=?utf-8?q?F=C3=A4hre zur=C3=BCck?=", "Fähre zurück"),
        (b'"=?utf-8?q?F=C3=A4hre?="', '"Fähre"'),
        (b"=?utf-8?B?RsOkaHJl=?=", "Fähre"),
        (b"=?utf-8?B?RsOk\n aHJl?=", "Fähre"),
        (b"=?utf-8*de?Q?F=C3=A4hre?=", "Fähre"),
        (b"=?windows-1251?B?z+Dw7uw=?=", "Паром"),
        (b"=?no-such-charset?Q?Ferry?=", "Ferry"),
        (b"=?utf-8?X?broken?= word", "=?utf-8?X?broken?= word"),
        ("Fähre".encode(), "Fähre"),
        ("Die Fähre fährt wieder für alle".encode("latin-1"), "Die Fähre fährt wieder für alle"),
        (b"Ferry\n\tback\n   again", "Ferry back again"),
    ],
)
def test_a_subject_is_decoded_however_it_was_encoded(raw: bytes, subject: str) -> None:
    """RFC 2047 is broken by programs in all of these ways, and bare 8-bit headers are common."""
    message = b"From: a@b.example\nSubject: " + raw + b"\n\nText.\n"

    assert only(message).document.title == subject


@pytest.mark.parametrize(
    ("sender", "byline", "authors"),
    [
        ("Ann Lee <ann@b.example>", "Ann Lee", ("Ann Lee",)),
        ('"Lee, Ann" <ann@b.example>', "Lee, Ann", ("Lee, Ann",)),
        ("ann@b.example (Ann Lee)", "Ann Lee", ("Ann Lee",)),
        ("=?utf-8?q?J=C3=BCrgen?= Klein <jk@b.example>", "Jürgen Klein", ("Jürgen Klein",)),
        ("Ann Lee <ann@b.example>, Bo Ray <bo@b.example>", "Ann Lee", ("Ann Lee", "Bo Ray")),
        ("ann@b.example", "ann@b.example", ()),
        ("<ann@b.example>", "ann@b.example", ()),
        ('"ann@b.example" <ann@b.example>', "ann@b.example", ()),
        ("Ann Lee", "Ann Lee", ("Ann Lee",)),
        ("@", None, ()),
    ],
)
def test_the_sender_is_the_author(sender: str, byline: str | None, authors: tuple[str, ...]) -> None:
    """An address is no name, but better than nothing as a byline."""
    document = only(f"Subject: Ferry\nFrom: {sender}\n\nText.\n").document

    assert (document.byline, document.authors) == (byline, authors)


@pytest.mark.parametrize(
    ("date", "hour"),
    [
        ("Tue, 5 Mar 2024 10:15:00 +0100", 9),
        ("Tue,  5 Mar 2024 10:15:00 +0100 (CET)", 9),
        ("5 Mar 24 10:15 EST", 15),
        ("Tue Mar  5 10:15:00 2024", 10),
        ("2024-03-05T10:15:00Z", 10),
        ("Tue, 05 Mar 2024 10:15:00 GMT+0100", 9),
        ("Tue, 05 Mar 2024 10:15:00 -0000", 10),
        ("Tue, 05 Mar 2024 12:15:00 +0200 CET", 10),
    ],
)
def test_a_date_is_read_in_every_shape(date: str, hour: int) -> None:
    """The number of a zone counts more than its name, which programs take from the wrong season."""
    found = only(f"Subject: Ferry\nDate: {date}\nFrom: a@b.example\n\nText.\n").published_at

    assert found == datetime(2024, 3, 5, hour, 15, tzinfo=UTC)


def test_a_message_without_a_date_was_sent_when_it_was_first_received() -> None:
    """Relays stand in reverse order: the lowest one saw it first."""
    message = (
        "Received: from b by c; Tue, 5 Mar 2024 11:15:00 +0000\n"
        "Received: from a by b; Tue, 5 Mar 2024 10:15:00 +0000\n" + "Subject: Ferry\n\nText.\n"
    )

    assert only(message).published_at == datetime(2024, 3, 5, 10, 15, tzinfo=UTC)


def test_thread_and_list_are_links() -> None:
    """A reader can find what a message answers."""
    message = (
        "Subject: Ferry\nFrom: a@b.example\nMessage-ID:\n <2@b.example>\nIn-Reply-To: <1@b.example>\n"
        "References: <0@b.example>\n <1@b.example>\nList-Id: The wire <wire.b.example>\n"
        "Archived-At: <https://b.example/2>\n\nIt runs.\n"
    )
    document = only(message).document

    assert {(link.href, link.rel) for link in document.links} == {
        ("mid:1@b.example", "in-reply-to"),
        ("mid:0@b.example", "references"),
        ("https://b.example/2", "bookmark"),
        ("list-id:wire.b.example", "list"),
    }
    assert (document.url, document.document_id) == ("https://b.example/2", "2@b.example")


def test_the_first_of_duplicate_header_fields_counts() -> None:
    """Relays add a second one below."""
    assert only("Subject: One\nSubject: Two\nFrom: a@b.example\n\nText.\n").document.title == "One"


def test_a_mailbox_holds_an_article_a_message() -> None:
    """``From`` begins a message only after a blank line and before a header; inside a text it is a word."""
    box = (
        "From ann@b.example Tue Mar  5 10:15:00 2024\nSubject: One\nFrom: Ann Lee <a@b.example>\n\n"
        "First.\n\nFrom the harbour it runs in 2024\nagain.\n>From here on.\n\n"
        "From - Tue Mar  5 11:15:00 2024\nSubject: Two\nFrom: b@b.example\n\nSecond.\n"
    )
    reading = read(box)

    assert reading.format == "mbox"
    assert [article.document.title for article in reading.articles] == ["One", "Two"]
    assert "From here on." in reading.articles[0].document.body
    assert len({article.local_id for article in reading.articles}) == 2


def test_a_message_of_a_mailbox_without_a_text_is_a_warning() -> None:
    """One bad message does not cost the others."""
    envelope = "From a@b Tue Mar  5 10:15:00 2024\n"
    box = f"{envelope}Subject: One\n\nText.\n\n{envelope}X-A: 1\n\n"

    assert read(box).warnings == ("messages_skipped: 1 of 2",)


def test_a_message_without_subject_and_text_is_rejected() -> None:
    """There is nothing to show."""
    with pytest.raises(Rejection) as caught:
        read("From: a@b.example\nMessage-ID: <1@b.example>\n\n")

    assert caught.value.reason == "no_text"


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (PLAIN.encode(), "a.eml", "mail"),
        (PLAIN.encode(), "a.txt", "mail"),
        (b"\n\n" + PLAIN.encode(), "a", "mail"),
        (b"From a@b Tue Mar  5 10:15:00 2024\nSubject: One\nMessage-ID: <1@b>\n\nText.\n", "a", "mail"),
        (b"Subject: Ferry\nIt is back.\n", "a.txt", "text"),
        (b"Note: the ferry\nDate: Monday\n", "a.txt", "text"),
        (b"Subject: Ferry\n\nIt is back.\n", "a.eml", "mail"),
    ],
)
def test_a_message_is_known_by_its_header(data: bytes, name: str, expected: str) -> None:
    """The name of a file decides only between a short header and a text with colons."""
    assert expected == choose(data, ReadingHint(file_name=name)).FORMAT


def test_a_recogniser_that_trusts_one_field_takes_prose_for_mail() -> None:
    """The planted bug: without the count, a text with a colon in its first line is a message."""
    prose = Head("Subject: Ferry\nIt is back.\n", "a.txt")

    assert mail.recognise(prose) == 0
    assert any(mail._fields(prose.text))
