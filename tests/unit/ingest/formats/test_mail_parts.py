"""The text of a mail: which part it is, how it is encoded, and what under it is no part of it."""

from __future__ import annotations

import pytest

from services.ingest.article import Article, ReadingHint, Rejection
from services.ingest.formats import mail

HEAD = "From: Ann Lee <ann@news.example>\nSubject: Ferry back\nDate: Tue, 5 Mar 2024 10:15:00 +0100\n"
ALTERNATIVE = (
    HEAD
    + "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b1\n\n"
    + "--b1\nContent-Type: text/plain; charset=utf-8\n\n{plain}\n"
    + "--b1\nContent-Type: text/html; charset=utf-8\n\n{html}\n--b1--\n"
)


def only(message: str | bytes) -> Article:
    data = message.encode() if isinstance(message, str) else message
    (article,) = mail.parse(data, ReadingHint()).articles
    return article


def body(message: str | bytes) -> str:
    return only(message).document.body


def test_plain_text_is_preferred_to_html() -> None:
    """The sender wrote both, and the plain one needs no guess."""
    assert body(ALTERNATIVE.format(plain="It runs.", html="<p>It runs, in colour.</p>")) == "It runs."


@pytest.mark.parametrize("plain", ["", "   ", "View this email in your browser", "No HTML here."])
def test_plain_text_that_only_points_to_the_html_gives_way(plain: str) -> None:
    """Newsletters send such a line in the place of the text."""
    html = "<p>The ferry is back, and it runs every hour from Monday on.</p><p>Fares are the same.</p>"

    assert body(ALTERNATIVE.format(plain=plain, html=html)).startswith("The ferry is back")


def test_nested_parts_are_read_as_a_reader_sees_them() -> None:
    """Mixed around related around alternative is what every mail program makes of a picture."""
    message = (
        HEAD + "Content-Type: multipart/mixed; boundary=m\n\n"
        "--m\nContent-Type: multipart/related; boundary=r\n\n"
        "--r\nContent-Type: multipart/alternative; boundary=a\n\n"
        "--a\nContent-Type: text/plain\n\nIt runs.\n--a\nContent-Type: text/html\n\n<p>It runs!\n--a--\n"
        "--r\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--r--\n"
        "--m\nContent-Type: text/plain\nContent-Disposition: attachment; filename=a\n\nHidden.\n--m--\n"
    )

    assert body(message) == "It runs."


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_a_text_that_is_only_attached_is_read(kind: str) -> None:
    """Some desks send an empty message with the story attached."""
    message = (
        HEAD + "Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: text/plain\n\n\n"
        f"--m\nContent-Type: {kind}\nContent-Disposition: attachment; filename=a\n\nIt runs.\n--m--\n"
    )

    assert body(message) == "It runs."


def test_a_forwarded_message_is_read_when_the_outer_one_is_empty() -> None:
    """Forwarding as an attachment leaves nothing in the outer message."""
    message = HEAD + "Content-Type: message/rfc822\n\nSubject: Inner\nFrom: b@b.example\n\nIt runs.\n"

    assert body(message) == "It runs."


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/alternative",
        "multipart/alternative; boundary=wrong",
        'multipart/alternative; boundary=""',
    ],
)
def test_a_boundary_that_is_missing_or_wrong_is_guessed(content_type: str) -> None:
    """Gateways rewrite header fields and lose parameters."""
    message = (
        HEAD + f"Content-Type: {content_type}\n\n--x1\nContent-Type: text/plain\n\nIt runs.\n"
        "--x1\nContent-Type: text/html\n\n<p>It runs!</p>\n--x1--\n"
    )
    article = only(message)

    assert (article.document.body, article.warnings) == ("It runs.", ("mail_boundary_guessed",))


def test_a_message_that_is_cut_off_keeps_its_text() -> None:
    """The closing boundary is the first thing to be lost."""
    message = HEAD + "Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: text/plain\n\nIt runs."

    assert body(message) == "It runs."


@pytest.mark.parametrize(
    ("encoding", "payload"),
    [
        ("quoted-printable", b"Die F=E4hre ist =\nzur=FCck =3D gut."),
        ("Quoted-Printable ", b"Die F=E4hre ist zur=FCck =3D =\ngut."),
        ("base64", b"RGllIEbkaHJlIGlzdCB6dXL8\nY2sgPSBndXQu"),
        ("base64", b"RGllIEbkaHJl*IGlzdCB6dXL8\r\n!!Y2sgPSBndXQu\n"),
        ("base64", b"RGllIEbkaHJlIGlzdCB6dXL8Y2sgPSBndXQuIA==\n\n-- footer of a list\n"),
        ("8bit", "Die Fähre ist zurück = gut.".encode("latin-1")),
        ("binary", "Die Fähre ist zurück = gut.".encode("latin-1")),
        ("no-such-encoding", "Die Fähre ist zurück = gut.".encode("latin-1")),
    ],
)
def test_a_transfer_encoding_is_undone_as_far_as_it_holds(encoding: str, payload: bytes) -> None:
    """Rubbish in base64, soft line breaks and lying labels are all seen in the wild."""
    head = f"{HEAD}Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: {encoding}\n\n"

    assert body(head.encode() + payload) == "Die Fähre ist zurück = gut."


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=us-ascii", "; charset=x-unknown"])
def test_a_charset_that_is_missing_or_wrong_does_not_spoil_the_text(charset: str) -> None:
    """Half of all broken mails declare ASCII and send something else."""
    text = "Паром между островами вернулся после зимнего ремонта, сообщила компания."
    message = f"{HEAD}Content-Type: text/plain{charset}\n\n".encode() + text.encode("cp1251")

    assert body(message) == text


def test_flowed_paragraphs_are_joined() -> None:
    """RFC 3676: a blank at the end of a line says that it goes on."""
    message = HEAD + "Content-Type: text/plain; format=flowed\n\nIt \nruns \nhourly.\nFares stay.\n"

    assert body(message) == "It runs hourly.\n\nFares stay."


@pytest.mark.parametrize(
    ("text", "rest", "warning"),
    [
        ("It runs.\n\n-- \nAnn Lee\nDesk", "It runs.", "signature_trimmed"),
        (
            "It runs.\n\nOn 4 March 2024, Bo wrote:\n> Does it?\n>\n> Really?\n",
            "It runs.",
            "quoted_reply_trimmed",
        ),
        (
            "It runs.\n\nOn Mon, 4 Mar 2024 at 10:00, Bo Ray <bo@b.example>\nwrote:\n\n> Does it?",
            "It runs.",
            "quoted_reply_trimmed",
        ),
        (
            "It runs.\n\n-----Original Message-----\nFrom: Bo\nSent: Monday\n\nDoes it?",
            "It runs.",
            "quoted_reply_trimmed",
        ),
        (
            "It runs.\n\nAm 04.03.2024 um 10:00 schrieb Bo Ray:\n> Does it?",
            "It runs.",
            "quoted_reply_trimmed",
        ),
    ],
)
def test_signature_and_quoted_reply_are_no_news(text: str, rest: str, warning: str) -> None:
    """They are cut, and the warning says so."""
    article = only(f"{HEAD}\n{text}")

    assert (article.document.body, article.warnings) == (rest, (warning,))


@pytest.mark.parametrize(
    "text", ["> The ferry is back.\n> It runs.", "-- \nThe ferry is back.", "He said:\n\n> no\n\nand left."]
)
def test_what_would_leave_nothing_or_stands_in_the_middle_is_kept(text: str) -> None:
    """A quotation inside a report is part of it."""
    article = only(f"{HEAD}\n{text}")

    assert (article.warnings, len(article.document.body) > 10) == ((), True)


def test_a_forwarded_text_is_kept() -> None:
    """It is what the sender wants to be read."""
    message = (
        "Subject: Fwd: Ferry\nFrom: a@b.example\n\nSee below.\n\n-----Original Message-----\n\nIt runs.\n"
    )

    assert "It runs." in body(message)


def test_a_quoted_reply_in_html_is_cut() -> None:
    """Webmail marks what it quotes."""
    message = HEAD + (
        "Content-Type: text/html\n\n<div>It runs.</div><div class='gmail_quote'>Bo wrote:"
        "<blockquote type='cite'>Does it?</blockquote></div>"
    )
    article = only(message)

    assert (article.document.body, article.warnings) == ("It runs.", ("quoted_reply_trimmed",))
    assert "Does it" not in (article.document.body_html or "")


def test_parts_that_are_nested_beyond_all_depth_are_corrupt() -> None:
    """The parser of the standard library goes down by recursion."""
    parts = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(5_000))
    with pytest.raises(Rejection) as caught:
        only(HEAD + parts)

    assert caught.value.reason == "corrupt"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            f"{HEAD}Content-Type: text/plain; charset=iso-8859-1\n\ncaf\xe9".encode("latin-1"),
            "cp1252 declared",
        ),
        (f"{HEAD}\nФерри снова ходит, и ходит каждый час.".encode("koi8-r"), "koi8_r detected"),
        (f"{HEAD}\nCafé".encode(), "utf-8 utf-8"),
        (f"{HEAD}Content-Type: image/png\n\nx".encode(), None),
        (
            f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\n"
            "Content-Type: text/plain; charset=utf-8\n\n"
            "A\n--b\nContent-Type: text/plain; charset=koi8-r\n\nB\n--b--\n".encode(),
            None,
        ),
    ],
)
def test_how_a_message_was_read_is_told(message: bytes, expected: str | None) -> None:
    """As for every other format; texts in several charsets have none in common."""
    charset = mail.parse(message, ReadingHint()).charset

    assert (f"{charset.name} {charset.method}" if charset else None) == expected
