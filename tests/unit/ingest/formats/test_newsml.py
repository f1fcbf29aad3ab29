"""NewsML 1 as Belgian, French, Greek, Japanese, Russian and Swiss agencies write it."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path

import pytest

from newsfeed.documents import Dateline
from services.ingest.article import Article, ReadingHint, Rejection
from services.ingest.formats.wire import newsml
from services.ingest.sniffing import read_seed

SAMPLES = Path(__file__).parent / "samples"
ITEM = """<NewsItem><Identification><NewsIdentifier>
<ProviderId>ncn.example</ProviderId><DateId>20240305</DateId><NewsItemId>{item}</NewsItemId>
<RevisionId PreviousRevision="1" Update="{update}">2</RevisionId></NewsIdentifier></Identification>
<NewsManagement><NewsItemType FormalName="News"/><Status FormalName="{status}"/>{more}</NewsManagement>
<NewsComponent>{component}</NewsComponent></NewsItem>"""
STORY = """<NewsLines><HeadLine>Ferry back</HeadLine></NewsLines>
<ContentItem><DataContent>It runs.</DataContent></ContentItem>"""


def read_all(data: bytes) -> tuple[Article, ...]:
    return newsml.parse(data, ReadingHint()).articles


def item(
    status: str = "Usable", *, update: str = "N", more: str = "", component: str = STORY, name: str = "1"
) -> str:
    return ITEM.format(status=status, update=update, more=more, component=component, item=name)


def enveloped(*items: str) -> bytes:
    return f"<NewsML><NewsEnvelope/>{''.join(items)}</NewsML>".encode()


@pytest.mark.parametrize(
    ("name", "field", "expected"),
    [
        ("french", "document.title", "Îles: le bac repart après neuf mois"),
        ("french", "document.byline", "Par Anne LE GOFF"),
        ("french", "document.authors", ("Anne LE GOFF",)),
        ("french", "document.dateline", Dateline(place="Port-Ellis", date="5 mars 2024", agency="NCN")),
        ("french", "document.slug", "îles-bac-transports"),
        ("french", "document.body", "Le bac a repris mardi, et il était plein.\n\nLe prix n'a pas changé."),
        ("french", "document.keywords", ("îles", "bac", "subj:04015000")),
        ("french", "document.places", ("Port-Ellis",)),
        ("french", "document.rights", "© 2024 NCN"),
        ("french", "document.editor_note", "(Photo+Video)"),
        ("french", "language", "fr"),
        ("french", "local_id", "urn:newsml:ncn.example:20240305:TX-POR-RHO61"),
        ("french", "revision", "2"),
        ("french", "urgency", 3),
        ("french", "published_at", datetime(2024, 3, 5, 10, 42, 33, tzinfo=UTC)),
        ("french", "updated_at", datetime(2024, 3, 5, 11, 42, 34, tzinfo=UTC)),
        ("swiss", "document.title", "Une chèvre prend le bac à Port-Ellis (PE)"),
        ("swiss", "document.body", "Une chèvre d'un an a pris le bac mardi.\n\nElle est rentrée le soir."),
        ("swiss", "document.dateline", Dateline(place="Port-Ellis PE")),
        ("swiss", "document.keywords", ("Animaux", "subj:04007005")),
        ("swiss", "topics", ("medtop:08000000", "medtop:04000000")),
        ("swiss", "urgency", 4),
        ("japanese", "document.title", "Ferry captain retires aged 90: owner"),
        ("japanese", "document.dateline", Dateline(place="PORT ELLIS", date="March 5")),
        ("japanese", "document.slug", "Captain-Ferry"),
        ("japanese", "language", "en"),
        ("japanese", "published_at", datetime(2024, 3, 5, 11, 21, 19, tzinfo=UTC)),
        (
            "japanese",
            "document.body",
            "The captain of the ferry, who stood at its wheel for 60 years, retires.",
        ),
        ("greek", "document.title", "More hands on the ferry"),
        ("greek", "document.summary", "The ferry took on a cook and a stoker, the harbour office wrote."),
        ("greek", "document.keywords", ("Employment", "subj:09003000")),
        ("greek", "document.places", ("Elis",)),
        ("greek", "language", "en"),
        ("belgian", "document.title", "De veerboot vaart weer"),
        ("belgian", "document.summary", "Na negen maanden."),
        ("belgian", "document.body", "De veerboot was vol.\n\nZe vaart elk uur."),
        ("belgian", "document.keywords", ("SHIPPING", "ISLANDS")),
        ("belgian", "document.authors", ()),
        ("belgian", "language", "nl"),
        ("belgian", "local_id", "urn:newsml:ncn.example:20240305:98055798"),
        ("russian", "document.title", "Harbour has 'positive reaction' to ferry"),
        ("russian", "document.dateline", Dateline(place="PORT ELLIS", date="March 5", agency="NCN")),
        ("russian", "document.rights", "(c) NCN 2024"),
        ("russian", "local_id", "16AAC34C"),
        ("russian", "urgency", 2),
    ],
)
def test_a_field_is_read_in_every_dialect(name: str, field: str, expected: object) -> None:
    """The headline may stand on any level, the text in NITF, HTML or bare lines."""
    article = read_all((SAMPLES / f"newsml-{name}.xml").read_bytes())[0]

    assert expected == attrgetter(field)(article)


def test_two_languages_in_one_item_are_two_articles() -> None:
    """A reader of one language must not get half of the text in another."""
    dutch, french = read_all((SAMPLES / "newsml-belgian.xml").read_bytes())

    assert (dutch.language, french.language) == ("nl", "fr")
    assert (french.document.title, french.document.body) == ("Le bac repart", "Le bac était plein.")
    assert french.local_id == f"{dutch.local_id}#fr"


def test_every_item_of_an_envelope_is_an_article() -> None:
    articles = read_all(enveloped(item(name="1"), item(name="2")))

    assert [article.local_id for article in articles] == [
        "urn:newsml:ncn.example:20240305:1",
        "urn:newsml:ncn.example:20240305:2",
    ]


def test_a_revision_keeps_its_identity() -> None:
    """Dialects that write the time of the revision, or its number, into the item's id are seen through."""
    first = item(name="ANPX-1-v1").replace("<DateId>20240305<", "<DateId>20240305T101500<")
    second = item(name="ANPX-1-v2", update="U").replace("<DateId>20240305<", "<DateId>20240305T124500<")
    one, two = read_all(enveloped(first, second))

    assert one.local_id == two.local_id


@pytest.mark.parametrize(
    ("status", "update", "more", "expected"),
    [
        ("Usable", "N", "", "usable"),
        ("usable", "U", "", "usable"),
        ("Withheld", "N", "", "withheld"),
        ("Embargoed", "N", "", "withheld"),
        ("Canceled", "N", "", "canceled"),
        ("CANCELED", "U", "", "canceled"),
        ("Usable", "D", "", "canceled"),
        ("Usable", "N", '<Instruction FormalName="Kill"/>', "canceled"),
    ],
)
def test_the_status_decides(status: str, update: str, more: str, expected: str) -> None:
    """A wire kill may be said in three places."""
    (article,) = read_all(enveloped(item(status, update=update, more=more)))

    assert expected == article.status


def test_a_kill_needs_no_text() -> None:
    (article,) = read_all(enveloped(item("Canceled", component="")))

    assert (article.local_id, article.status) == ("urn:newsml:ncn.example:20240305:1", "canceled")


def test_an_embargo_ends_when_the_status_will_change() -> None:
    change = """<StatusWillChange><FutureStatus FormalName="Usable"/>
      <DateAndTime>20240306T000100Z</DateAndTime></StatusWillChange>"""
    (article,) = read_all(enveloped(item("Embargoed", more=change)))

    assert (article.status, article.embargo_until) == ("usable", datetime(2024, 3, 6, 0, 1, tzinfo=UTC))


def test_pictures_are_links_and_their_captions_no_text() -> None:
    component = f"""<NewsComponent>{STORY}</NewsComponent><NewsComponent><Role FormalName="Photo"/>
      <NewsLines><HeadLine>The ferry</HeadLine></NewsLines>
      <ContentItem Href="https://ncn.example/f.jpg"><MediaType FormalName="Photo"/>
      <MimeType FormalName="image/jpeg"/></ContentItem></NewsComponent>"""
    (article,) = read_all(enveloped(item(component=component)))

    assert (article.document.title, article.document.body) == ("Ferry back", "It runs.")
    assert [link.href for link in article.document.media] == ["https://ncn.example/f.jpg"]


def test_a_picture_with_a_title_of_its_own_is_no_story() -> None:
    """Belga titles its pictures like its texts, in the same item."""
    data = "<ContentItem><DataContent>{}</DataContent></ContentItem>"
    part = f"<NewsComponent><Role FormalName='{{}}'/>{data}</NewsComponent>"
    lines = "<NewsLines><HeadLine>Ferry back</HeadLine></NewsLines>"
    text = (
        f"<NewsComponent><Role FormalName='Short'/>{lines}{part.format('Body', 'It runs.')}</NewsComponent>"
    )
    caption = part.format("Title", "Ferry back") + part.format("Caption", "The ferry.")
    picture = f"<NewsComponent><Role FormalName='Picture'/>{lines}{caption}</NewsComponent>"
    (article,) = read_all(enveloped(item(component=text + picture)))

    assert (article.document.title, article.document.body) == ("Ferry back", "It runs.")


def test_an_item_without_a_number_has_no_identity() -> None:
    """What a desk has not taken in is numbered 0: all such items of a day would be one article."""
    (article,) = read_all(enveloped(item(name="0")))

    assert article.local_id is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<NewsML><NewsEnvelope/></NewsML>", "no_articles"),
        (b"<NewsML><NewsItem/></NewsML>", "no_text"),
        (b"<NewsML><NewsItem>", "corrupt"),
    ],
)
def test_what_holds_no_news_is_rejected_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(Rejection) as caught:
        read_all(data)

    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("+0100", datetime(2024, 3, 6, 0, 1, tzinfo=UTC)), ("-0500", datetime(2024, 3, 6, 5, 1, tzinfo=UTC))],
)
def test_an_embargo_that_only_a_comment_dates_ends_then(zone: str, expected: datetime) -> None:
    """British wires write so; a comment gives no zone, and what comes out too early cannot be taken back."""
    (article,) = read_seed(
        f"""<NewsML><NewsItem><Identification><NewsIdentifier><ProviderId>n.example</ProviderId>
        <DateId>20240305</DateId><NewsItemId>FERRY</NewsItemId></NewsIdentifier></Identification>
        <NewsManagement><FirstCreated>20240305T101500{zone}</FirstCreated><Status FormalName="Embargoed"/>
        </NewsManagement><NewsComponent><NewsLines><HeadLine>Ferry back</HeadLine></NewsLines>
        <Comment> Embargoed to 0001 Wednesday March 06 </Comment></NewsComponent></NewsItem>
        </NewsML>""".encode(),
        ReadingHint(),
    ).articles

    assert (article.embargo_until, article.status) == (expected, "usable")


@pytest.mark.parametrize(
    ("lines", "administrative", "byline", "authors"),
    [
        ("<CreditLine>Ann Lee</CreditLine>", "", "Ann Lee", ("Ann Lee",)),
        ("<CreditLine>NCN</CreditLine>", "", None, ()),
        ("<CreditLine>Bo Ray</CreditLine><ByLine>By Ann Lee</ByLine>", "", "By Ann Lee", ("Ann Lee",)),
        ("", '<Property FormalName="author" Value="Ann Lee"/>', None, ("Ann Lee",)),
    ],
)
def test_authors_are_found_where_agencies_put_them(
    lines: str, administrative: str, byline: str | None, authors: tuple[str, ...]
) -> None:
    """A credit is a byline where it names a person; topics that are properties are keywords."""
    component = (
        f"<NewsLines><HeadLine>Ferry back</HeadLine>{lines}</NewsLines>"
        f"<AdministrativeMetadata>{administrative}</AdministrativeMetadata><DescriptiveMetadata>"
        '<Property FormalName="Topic" Value="Transport"/></DescriptiveMetadata>'
        "<ContentItem><DataContent>It runs.</DataContent></ContentItem>"
    )
    (article,) = read_all(enveloped(item(component=component)))

    assert (article.document.byline, article.document.authors) == (byline, authors)
    assert article.document.keywords == ("Transport",)
