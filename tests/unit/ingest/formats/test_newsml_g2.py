"""NewsML-G2 as British, Finnish, German and Italian agencies write it, and what is no news in it."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path

import pytest

from newsfeed.documents import Dateline
from services.ingest.article import Article, ReadingHint, Rejection
from services.ingest.formats.wire import newsml_g2

SAMPLES = Path(__file__).parent / "samples"
NAMESPACE = 'xmlns="http://iptc.org/std/nar/2006-10-01/"'


def read_all(data: bytes) -> tuple[Article, ...]:
    return newsml_g2.parse(data, ReadingHint()).articles


def item(meta: str = "", content: str = "<headline>Ferry back</headline>", text: str = "") -> bytes:
    return f"""<newsItem {NAMESPACE} guid="urn:1" version="2"><itemMeta>{meta}</itemMeta>
<contentMeta>{content}</contentMeta><contentSet>{text}</contentSet></newsItem>""".encode()


@pytest.mark.parametrize(
    ("name", "field", "expected"),
    [
        ("british", "document.title", "FERRIES-Owner raises fares, blames coal"),
        ("british", "document.byline", "Arun Vale"),
        ("british", "document.dateline", Dateline(date="March 5", agency="NCN")),
        ("british", "document.slug", "GLOBAL-FERRIES/ (UPDATE 1)"),
        ("british", "document.rights", "(c) Copyright NCN 2024."),
        ("british", "document.keywords", ("N2:COM", "subj:04008024", "subj:11000000")),
        ("british", "topics", ("medtop:04000000", "medtop:11000000")),
        ("british", "revision", "1132689232"),
        ("british", "published_at", datetime(2024, 3, 5, 2, 47, 29, tzinfo=UTC)),
        ("british", "updated_at", datetime(2024, 3, 5, 3, 47, 29, tzinfo=UTC)),
        ("german", "document.title", "Fähre fährt wieder: Was sich ändert"),
        ("german", "document.summary", "Nach neun Monaten fährt sie wieder."),
        (
            "german",
            "document.body",
            "Die Fähre fährt wieder, und sie war voll.\n\nWarten am Pier\n\nDer Preis bleibt gleich.",
        ),
        ("german", "document.headings", (1,)),
        ("german", "document.byline", "Von Grete Moor, ncn"),
        ("german", "document.authors", ("Grete Moor",)),
        ("german", "document.dateline", Dateline(place="Port Ellis", agency="ncn")),
        ("german", "document.editor_note", "Bilder folgen."),
        ("german", "document.places", ("Nordland",)),
        ("german", "document.url", "https://ncn.example/faehre"),
        ("german", "topics", ("medtop:20000337",)),
        ("german", "language", "de"),
        ("german", "urgency", 3),
        ("finnish", "document.title", "Lautta palasi saarille"),
        ("finnish", "document.summary", None),
        ("finnish", "document.headings", (1,)),
        ("finnish", "document.dateline", Dateline(place="Satama")),
        ("finnish", "document.editor_note", "täydennetty kauttaaltaan"),
        ("finnish", "embargo_until", datetime(2024, 3, 6, 4, 0, tzinfo=UTC)),
        ("finnish", "language", "fi-FI"),
        ("finnish", "local_id", "urn:newsml:ncn.example:20240305:101801633"),
        ("italian", "document.title", "Mayor loses patience with late ferry"),
        ("italian", "document.summary", "Owner promises a second boat"),
        ("italian", "document.dateline", Dateline(place="Porto", date="March 5", agency="NCN")),
        ("italian", "document.rights", "NCN"),
        ("italian", "language", "it"),
        ("nitf", "document.title", "Captain to run the ferry after owner leaves"),
        ("nitf", "document.byline", "Edda Finn"),
        ("nitf", "local_id", "NCN-20240305123540"),
        ("nitf", "embargo_until", None),
        ("nitf", "warnings", ("embargo_without_time", "time_zone_assumed")),
        ("package", "document.title", "Top stories of the harbour"),
    ],
)
def test_a_field_is_read_in_every_dialect(name: str, field: str, expected: object) -> None:
    """Agencies fill different corners of the standard."""
    (article,) = read_all((SAMPLES / f"g2-{name}.xml").read_bytes())

    assert expected == attrgetter(field)(article)


def test_typed_paragraphs_inside_one_element_are_parted() -> None:
    """Some agencies put a whole teleprinter text into a single ``<p>``."""
    (article,) = read_all((SAMPLES / "g2-british.xml").read_bytes())

    assert article.document.body.split("\n\n")[3:5] == [
        (
            "The owner of the ferry raised the fares on Tuesday, put the blame on the price of coal, and "
            "would not say how long they will stay."
        ),
        "The harbour council talks about it in the morning.",
    ]


def test_a_message_holds_many_items() -> None:
    """A kill, a withheld story and a picture in one message are three facts."""
    killed, withheld, picture = read_all((SAMPLES / "g2-kill.xml").read_bytes())

    assert (killed.local_id, killed.status) == ("tag:ncn.example,2024:1", "canceled")
    assert (withheld.document.title, withheld.status) == ("Fares stay", "withheld")
    assert (picture.document.title, picture.document.summary) == ("The ferry", "The ferry at Port Ellis.")
    assert [link.href for link in picture.document.media] == ["https://ncn.example/f.jpg"]


def test_a_package_links_to_its_members() -> None:
    (package,) = read_all((SAMPLES / "g2-package.xml").read_bytes())

    assert [link.title for link in package.document.links] == ["Ferry back", "Fares stay"]


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ("", "usable"),
        ('<pubStatus qcode="stat:usable"/>', "usable"),
        ('<pubStatus qcode="stat:withheld"/>', "withheld"),
        ('<pubStatus qcode="stat:canceled"/>', "canceled"),
        ('<pubStatus qcode="pubstat:cancelled"/>', "canceled"),
        ('<pubStatus uri="http://cv.iptc.org/newscodes/pubstatusg2/canceled"/>', "canceled"),
        ('<pubStatus qcode="stat:usable"/><signal qcode="sig:correction"/>', "usable"),
        ('<pubStatus qcode="stat:usable"/><signal qcode="sig:kill"/>', "canceled"),
    ],
)
def test_the_publication_status_decides(meta: str, expected: str) -> None:
    """It is a code, an address or missing, and then it means usable."""
    (article,) = read_all(item(meta))

    assert expected == article.status


@pytest.mark.parametrize(
    ("headlines", "expected"),
    [
        ("<headline/><headline>Ferry back</headline>", "Ferry back"),
        ('<headline rank="2">Ferry</headline><headline rank="1">Ferry back</headline>', "Ferry back"),
        ('<headline role="hld:subHeadline">So full</headline><headline>Ferry back</headline>', "Ferry back"),
        ('<headline role="x:main" xml:lang="en">Ferry back</headline><headline>Bac</headline>', "Ferry back"),
        ("<headline>Ferry\n   <x>back</x></headline>", "Ferry back"),
    ],
)
def test_the_main_headline_is_the_title(headlines: str, expected: str) -> None:
    (article,) = read_all(item(content=headlines))

    assert expected == article.document.title


@pytest.mark.parametrize(
    ("subject", "topics", "keywords"),
    [
        ('<subject qcode="medtop:20000337"><name>ships</name></subject>', ("medtop:20000337",), ("ships",)),
        ('<subject uri="http://cv.iptc.org/newscodes/mediatopic/20000337"/>', ("medtop:20000337",), ()),
        ('<subject qcode="subj:04015000"/>', ("medtop:04000000",), ("subj:04015000",)),
        ('<subject qcode="N2:COM"><name>Commerce</name></subject>', (), ("Commerce",)),
        ('<subject literal="ALR"/>', (), ("ALR",)),
        ('<subject type="cpnat:geoArea"><name>Northland</name></subject>', (), ()),
    ],
)
def test_a_subject_is_a_topic_or_a_keyword(
    subject: str, topics: tuple[str, ...], keywords: tuple[str, ...]
) -> None:
    """Only Media Topics are topics; subject codes are known by their top one."""
    (article,) = read_all(item(content=f"<headline>Ferry back</headline>{subject}"))

    assert (topics, keywords) == (article.topics, article.document.keywords)


@pytest.mark.parametrize(
    "text",
    [
        '<inlineData contenttype="text/plain">It is back.\n\nIt runs.</inlineData>',
        '<inlineData contenttype="text/html">&lt;p>It is back.&lt;/p>&lt;p>It runs.&lt;/p></inlineData>',
        '<inlineData encoding="base64">SXQgaXMgYmFjay4KCkl0IHJ1bnMuCg==</inlineData>',
        "<inlineXML><html><body><p>It is back.</p><p>It runs.</p></body></html></inlineXML>",
        (
            "<inlineXML><nitf><body><body.content><p>It is back.</p>"
            "<p>It runs.</p></body.content></body></nitf></inlineXML>"
        ),
        "<inlineXML><p>It is back.</p><p>It runs.</p></inlineXML>",
    ],
)
def test_the_text_may_be_wrapped_in_many_ways(text: str) -> None:
    (article,) = read_all(item(text=text))

    assert article.document.body == "It is back.\n\nIt runs."


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (f'<knowledgeItem {NAMESPACE} guid="x"><conceptSet/></knowledgeItem>'.encode(), "not_news"),
        (f'<conceptItem {NAMESPACE} guid="x"><concept/></conceptItem>'.encode(), "not_news"),
        (f'<planningItem {NAMESPACE} guid="x"/>'.encode(), "not_news"),
        (f"<newsMessage {NAMESPACE}><itemSet><conceptItem/></itemSet></newsMessage>".encode(), "not_news"),
        (f"<newsMessage {NAMESPACE}><itemSet/></newsMessage>".encode(), "no_articles"),
        (item(content=""), "no_text"),
    ],
)
def test_what_is_no_news_is_rejected_with_a_reason(data: bytes, reason: str) -> None:
    """Concepts and plans share the syntax of news."""
    with pytest.raises(Rejection) as caught:
        read_all(data)

    assert caught.value.reason == reason


def test_creators_contributors_and_numbered_kinds_of_subjects_are_read() -> None:
    """Creators by literal, contributors who wrote a part; the IPTC's type 5 is a place."""
    content = (
        '<headline>Ferry back</headline><creator literal="Ann Lee"/><contributor role="ctrol:co-author">'
        '<name>Bo Ray</name></contributor><contributor role="ctrol:typist"><name>Cy Day</name></contributor>'
        '<subject type="cptType:5" literal="Port Ellis"/><subject type="cptType:9" literal="Ferries"/>'
    )
    (article,) = read_all(item(content=content))

    assert article.document.authors == ("Ann Lee", "Bo Ray")
    assert (article.document.places, article.document.keywords) == (("Port Ellis",), ("Ferries",))
