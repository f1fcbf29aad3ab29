"""NITF as American, Australian, British, Norwegian and Spanish agencies write it."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path

import pytest

from newsfeed.documents import Dateline
from services.ingest.article import Article, ReadingHint, Rejection
from services.ingest.formats.wire import nitf
from services.ingest.sniffing import read_seed

SAMPLES = Path(__file__).parent / "samples"


def read(data: bytes) -> Article:
    return nitf.parse(data, ReadingHint()).articles[-1]


@pytest.mark.parametrize(
    ("name", "field", "expected"),
    [
        ("american", "document.title", "Can a ferry pay for itself?"),
        ("american", "document.summary", None),
        ("american", "document.byline", "By INGA SOUND"),
        ("american", "document.authors", ("INGA SOUND",)),
        ("american", "document.dateline", Dateline(place="PORT ELLIS", agency="NCN")),
        ("american", "document.rights", "© 2024 NCN"),
        ("american", "document.editor_note", "For global distribution"),
        ("american", "local_id", "ncn-8842"),
        ("american", "status", "usable"),
        ("american", "published_at", datetime(2024, 3, 5, 19, 10, 44, tzinfo=UTC)),
        (
            "american",
            "document.body",
            (
                "The fares cover a third of what the crossing costs.\n\n"
                '"Nobody swims there for money," the owner said.\n\nQuestions go to the desk.'
            ),
        ),
        ("australian", "document.slug", "Monitor 1900 Harbour"),
        ("australian", "document.summary", "What the harbour talks about"),
        ("australian", "document.byline", "By John Dow"),
        ("australian", "document.dateline", Dateline(place="Port Ellis")),
        ("australian", "document.keywords", ("Justice", "Police", "subj:02003001")),
        ("australian", "topics", ("medtop:02000000",)),
        ("australian", "published_at", datetime(2024, 3, 5, 8, 27, 51, tzinfo=UTC)),
        ("australian", "expires_at", datetime(2024, 4, 4, 8, 27, 51, tzinfo=UTC)),
        ("australian", "embargo_until", None),
        ("australian", "urgency", 5),
        ("british", "document.title", "ISLANDERS 'MAY HAVE TO ROW', MINISTER SAYS"),
        ("british", "document.authors", ("Hal Pike",)),
        ("british", "status", "usable"),
        ("british", "embargo_until", datetime(2024, 3, 6, 0, 1, tzinfo=UTC)),
        ("british", "document.slug", "Ferry"),
        (
            "british",
            "document.body",
            "The islands will row to market unless Ann Lee finds £3 million in Port Ellis.",
        ),
        ("norwegian", "document.title", "Fergen er tilbake"),
        ("norwegian", "local_id", "havn-d9cde75b"),
        ("norwegian", "document.document_id", "havn-d9cde75b_47"),
        ("norwegian", "revision", "48"),
        ("norwegian", "language", "nb-NO"),
        ("norwegian", "document.headings", (1,)),
        ("norwegian", "document.places", ("Havn",)),
        ("norwegian", "warnings", ("time_zone_assumed",)),
        ("spanish", "language", "es-ES"),
        ("spanish", "document.byline", "gr/bp"),
        ("spanish", "document.authors", ()),
        ("spanish", "document.dateline", Dateline(place="Puerto Elis", date="5 mar", agency="NORTE")),
        ("spanish", "document.rights", "Agencia Norte"),
        ("spanish", "document.summary", "Nueve meses de obras"),
        ("spanish", "topics", ("medtop:04000000",)),
        (
            "spanish",
            "document.keywords",
            ("ISLAS TRANSPORTE", "Economía", "Transportes", "ISLAS", "subj:04015000"),
        ),
    ],
)
def test_a_field_is_read_in_every_dialect(name: str, field: str, expected: object) -> None:
    """Agencies fill different corners of the standard."""
    article = read((SAMPLES / f"nitf-{name}.xml").read_bytes())

    assert expected == attrgetter(field)(article)


def test_lines_broken_at_a_width_are_joined() -> None:
    """A ``<br/>`` at every 70th column is the width of a screen of 1980, not a line of verse."""
    article = read((SAMPLES / "nitf-australian.xml").read_bytes())

    assert "back after nine months of repairs, and the first crossing" in article.document.body


def test_a_table_and_a_picture_keep_their_place() -> None:
    """A table is text by rows, a picture is a link with its caption and no text."""
    document = read((SAMPLES / "nitf-norwegian.xml").read_bytes()).document

    assert document.body.endswith("Voksne\n\nBarn\n\nDag Avgang\n\nTirsdag 10:15")
    assert [(link.href, link.title) for link in document.media] == [
        ("https://ncn.example/ferge.jpg", "Fergen. Foto: NCN")
    ]
    assert "<table>" in (document.body_html or "")


def test_a_document_cancels_the_one_it_names() -> None:
    """A kill is a document of its own: what it names must go, and what it says may stay."""
    data = (SAMPLES / "nitf-kill.xml").read_bytes()
    killed, note = nitf.parse(data, ReadingHint()).articles

    assert (killed.local_id, killed.status) == ("ncn-8842", "canceled")
    assert (note.local_id, note.status) == ("ncn-8850", "usable")


def test_an_update_keeps_the_identity_of_what_it_updates() -> None:
    """Otherwise a correction would be a second article beside the wrong one."""
    data = b"""<nitf><head><docdata management-doc-idref="ncn-1"><doc-id id-string="ncn-2"/></docdata></head>
      <body><body.head><hedline><hl1>Ferry back</hl1></hedline></body.head></body></nitf>"""

    assert read(data).local_id == "ncn-1"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("usable", "usable"),
        ("USABLE", "usable"),
        ("withheld", "withheld"),
        ("embargoed", "withheld"),
        ("canceled", "canceled"),
        ("killed", "canceled"),
        ("correction", "usable"),
        ("update", "usable"),
    ],
)
def test_the_management_status_decides(word: str, expected: str) -> None:
    """An embargo without a time is held back: nobody knows when it ends."""
    data = f'<nitf><head><docdata management-status="{word}"><doc-id id-string="1"/></docdata></head><body>\
<body.content><p>It runs.</p></body.content></body></nitf>'.encode()

    assert expected == read(data).status


@pytest.mark.parametrize(
    ("xml", "byline"),
    [
        ("<byline>By<person>Ann Lee</person></byline>", "By Ann Lee"),
        ("<byline><person>Ann Lee</person>, <person>Bo Ray</person></byline>", "Ann Lee, Bo Ray"),
        ("<byline><bytag>By Ann Lee, NCN Writer</bytag></byline>", "By Ann Lee, NCN Writer"),
        ("<byline>By Ann Lee<byttl>NCN</byttl> in Port Ellis</byline>", "By Ann Lee in Port Ellis"),
        ("<byline/>", None),
    ],
)
def test_a_byline_is_printed_without_titles(xml: str, byline: str | None) -> None:
    """Readers want to know who, not their rank."""
    data = (
        f"<nitf><body><body.head><hedline><hl1>Ferry</hl1></hedline>{xml}</body.head></body></nitf>".encode()
    )

    assert byline == read(data).document.byline


def test_a_body_without_blocks_is_typed_text() -> None:
    """Some producers put bare lines where the standard wants paragraphs."""
    data = b"""<nitf><head><title>Ferry</title></head>
      <body><body.content>It is back.\n\nIt runs.</body.content></body></nitf>"""

    assert read(data).document.body == "It is back.\n\nIt runs."


def test_a_body_without_a_head_of_its_own_has_a_headline() -> None:
    """XMLNews, from which NITF took over, put the headline into the body."""
    data = b"""<nitf><head><title>Ferry</title></head><body><headline><hl1>Ferry back</hl1></headline>
      <byline><bytag>By Ann Lee</bytag></byline><dateline><location>Port Ellis</location></dateline>
      <body.content><p>It runs.</p></body.content></body></nitf>"""
    document = read(data).document

    assert (document.title, document.byline, document.body) == ("Ferry back", "By Ann Lee", "It runs.")


def test_a_namespace_and_a_prefix_change_nothing() -> None:
    """The same document in the namespace of NITF 3.6 is the same article."""
    data = (SAMPLES / "nitf-australian.xml").read_bytes()
    namespaced = data.replace(b"<nitf>", b'<nitf xmlns="http://iptc.org/std/NITF/2006-10-18/">')

    assert read(data).document == read(namespaced).document


def test_a_document_without_text_is_rejected() -> None:
    with pytest.raises(Rejection) as caught:
        nitf.parse(b"<nitf><head/><body/></nitf>", ReadingHint())

    assert caught.value.reason == "no_text"


def test_markup_that_is_dangerous_is_not_kept() -> None:
    """The body is shown to people in a browser."""
    data = b"""<nitf><head><title>Ferry</title></head><body><body.content><p onclick="x()">It runs.</p>
      <script>x()</script><p><a href="javascript:x()">here</a></p></body.content></body></nitf>"""
    document = read_seed(data, ReadingHint()).articles[0].document

    assert "x()" not in f"{document.body_html}{document.body}"


SHOWN, STAMPED = "<story.date>March 5</story.date>", "<story.date norm='20240305T101500Z'/>"


@pytest.mark.parametrize("date", [STAMPED, SHOWN, ""])
def test_a_dateline_is_read_with_and_without_a_date_to_show(date: str) -> None:
    """American wires give the date for machines only, in an empty element, and an underscore for a dash."""
    place = "PORT ELLIS, N.Y."
    head = f"<hedline><hl1>Ferry</hl1></hedline><dateline><location>{place}</location> (AP) {date}</dateline>"
    body = f"<body.content><p>{place} (AP) _ The ferry is back.</p></body.content>"
    (article,) = read_seed(
        f"<nitf><body><body.head>{head}</body.head>{body}</body></nitf>".encode(), ReadingHint()
    ).articles

    told = Dateline(place=place, agency="AP", date="March 5" if date == SHOWN else None)
    assert (article.document.dateline, article.document.body) == (told, "The ferry is back.")


def test_what_an_italian_agency_says_in_meta_elements_is_read() -> None:
    """Its mark before headline and keyword is none of them, its bylines stand in brackets."""
    metas = {"keyword": ">>>ANSA/Ferry", "priority": "U", "category_iptc": "04015000", "category": "ECO"}
    head = "".join(f'<meta name="{name}" content="{value}"/>' for name, value in metas.items())
    top = "<hedline><hl1>&gt;&gt;&gt;ANSA/ Ferry back</hl1></hedline><byline>(by Ann Lee)</byline>"
    body = f"<body.head>{top}</body.head><body.content><p>It runs.</p></body.content>"
    article = read(f"<nitf><head>{head}</head><body>{body}</body></nitf>".encode())

    assert (article.document.title, article.document.authors) == ("Ferry back", ("Ann Lee",))
    assert article.document.keywords == ("Ferry", "subj:04015000")
    assert (article.urgency, article.topics) == (3, ("medtop:04000000",))
