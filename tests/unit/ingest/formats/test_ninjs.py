"""ninjs of three versions and the dialects of Superdesk, a Swedish and a German agency."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import orjson
import pytest

from newsfeed.documents import Dateline
from services.ingest.article import Article, ReadingHint, Rejection
from services.ingest.formats import json_news
from services.ingest.sniffing import read_seed

SUPERDESK: dict[str, Any] = {
    "guid": "tag:ncn.example:2024:7ca07622",
    "version": "4",
    "type": "text",
    "pubstatus": "usable",
    "headline": "Ferry <b>back</b>",
    "slugline": "TEST FERRY",
    "byline": "By Jos Tern",
    "description_html": "<p>It runs.</p>",
    "body_html": "<p>Ferry fares edged up,\nsupported by fuel.<br/></p><p>It runs.</p>",
    "firstcreated": "2024-03-05T01:38:13+0000",
    "versioncreated": "2024-03-06T01:58:40+0000",
    "subject": [{"code": "04015001", "name": "transport"}, {"code": "20000337", "name": "ships"}],
    "place": [{"code": "NL", "name": "Northland"}],
    "located": "Port Ellis",
    "source": "NCN",
    "copyrightnotice": "NCN owns it.",
    "associations": {
        "featuremedia": {
            "type": "picture",
            "description_text": "The ferry",
            "renditions": {
                "viewImage": {"href": "https://ncn.example/v.jpg", "mimetype": "image/jpeg"},
                "original": {"href": "https://ncn.example/o.jpg", "mimetype": "image/jpeg"},
            },
        },
        "removed": None,
    },
}
SWEDISH: dict[str, Any] = {
    "uri": "http://ncn.example/media/text/240305-farja",
    "type": "text",
    "version": "1",
    "versioncreated": "2024-03-05T13:40:18+02:00",
    "pubstatus": "usable",
    "language": "sv",
    "headlines": [{"role": "main", "value": "Färjan är tillbaka"}],
    "descriptions": [{"role": "text", "value": "Nio månader tog det."}],
    "bodies": [
        {"role": "ttnitf", "contenttype": "application/xml", "value": "<TTNITF><P>xml</P></TTNITF>"},
        {"role": "text", "contenttype": "text/plain", "value": "Färjan går igen."},
        {
            "role": "html5",
            "contenttype": "text/html",
            "value": "<html><body><h1>Färjan är tillbaka</h1><p>Färjan går igen.</p></body></html>",
        },
    ],
    "associations": [
        {
            "name": "a001",
            "type": "picture",
            "descriptions": [{"value": "Färjan"}],
            "renditions": [
                {"name": "r03", "href": "https://ncn.example/t.jpg", "contenttype": "image/jpeg"},
                {"name": "r00", "href": "https://ncn.example/h.jpg", "contenttype": "image/jpeg"},
            ],
        }
    ],
    "people": [{"name": "Jonas Sven"}],
    "organisations": [{"name": "Hamnen"}],
    "subjects": [{"literal": "16000000", "name": "Konflikt", "uri": "http://ncn.example/subref/16000000"}],
    "places": [{"name": "Norrland"}],
    "expires": "2026-05-31T00:00:00+02:00",
}
GERMAN: dict[str, Any] = {
    "uri": "urn:newsml:ncn.example:20090101:240305-99-167362",
    "version": 2,
    "standard": {"name": "ninjs", "version": "3.0"},
    "versionCreated": "2024-03-05T16:02:28+01:00",
    "firstCreated": "2024-03-05T15:02:28+01:00",
    "pubStatus": "withheld",
    "urgency": 4,
    "copyrightHolder": "ncn",
    "usageTerms": "Nur mit Vertrag",
    "edNote": "Mit Foto",
    "language": "de",
    "embargoed": "2024-03-06T06:00:00+01:00",
    "bodies": [
        {"role": "html", "contentType": "text/html", "value": "<p>Port Ellis (ncn) - Die Fähre fährt.</p>"}
    ],
    "headlines": [{"role": "short", "value": "Fähre"}, {"role": "main", "value": "Fähre fährt wieder"}],
    "by": "Von Anna Lee, ncn",
    "infoSources": [{"name": "NCN"}],
}
SAMPLES = {"superdesk": SUPERDESK, "swedish": SWEDISH, "german": GERMAN}


def only(value: object) -> Article:
    (article,) = json_news.parse(orjson.dumps(value), ReadingHint()).articles
    return article


@pytest.mark.parametrize(
    ("name", "field", "expected"),
    [
        ("superdesk", "document.title", "Ferry back"),
        ("superdesk", "document.summary", "It runs."),
        ("superdesk", "document.body", "Ferry fares edged up, supported by fuel.\n\nIt runs."),
        ("superdesk", "document.slug", "TEST FERRY"),
        ("superdesk", "document.byline", "By Jos Tern"),
        ("superdesk", "document.keywords", ("transport", "ships")),
        ("superdesk", "document.places", ("Northland",)),
        ("superdesk", "document.dateline", Dateline(place="Port Ellis", agency="NCN")),
        ("superdesk", "document.rights", "NCN owns it."),
        ("superdesk", "topics", ("medtop:04000000", "medtop:20000337")),
        ("superdesk", "local_id", "tag:ncn.example:2024:7ca07622"),
        ("superdesk", "published_at", datetime(2024, 3, 5, 1, 38, 13, tzinfo=UTC)),
        ("superdesk", "updated_at", datetime(2024, 3, 6, 1, 58, 40, tzinfo=UTC)),
        ("superdesk", "revision", "4"),
        ("swedish", "document.title", "Färjan är tillbaka"),
        ("swedish", "document.summary", "Nio månader tog det."),
        ("swedish", "document.body", "Färjan går igen."),
        ("swedish", "document.keywords", ("Konflikt", "Jonas Sven", "Hamnen")),
        ("swedish", "document.url", "http://ncn.example/media/text/240305-farja"),
        ("swedish", "topics", ("medtop:16000000",)),
        ("swedish", "expires_at", datetime(2026, 5, 30, 22, 0, tzinfo=UTC)),
        ("swedish", "language", "sv"),
        ("german", "document.title", "Fähre fährt wieder"),
        ("german", "document.body", "Die Fähre fährt."),
        ("german", "document.byline", "Von Anna Lee, ncn"),
        ("german", "document.dateline", Dateline(place="Port Ellis", agency="ncn")),
        ("german", "document.rights", "ncn"),
        ("german", "document.editor_note", "Mit Foto"),
        ("german", "status", "withheld"),
        ("german", "revision", "2"),
        ("german", "embargo_until", datetime(2024, 3, 6, 5, 0, tzinfo=UTC)),
        ("german", "published_at", datetime(2024, 3, 5, 14, 2, 28, tzinfo=UTC)),
    ],
)
def test_a_field_is_read_in_every_version(name: str, field: str, expected: object) -> None:
    """Version 1 has plain keys, 2 lists with roles, 3 writes them in camel case."""
    assert expected == attrgetter(field)(only(SAMPLES[name]))


@pytest.mark.parametrize(
    ("name", "href", "title"),
    [
        ("superdesk", "https://ncn.example/o.jpg", "The ferry"),
        ("swedish", "https://ncn.example/h.jpg", "Färjan"),
    ],
)
def test_the_best_rendition_of_an_association_is_kept(name: str, href: str, title: str) -> None:
    """Eleven sizes of one picture are one picture."""
    (link,) = only(SAMPLES[name]).document.media

    assert (link.href, link.title, link.rel) == (href, title, "picture")


@pytest.mark.parametrize(
    ("fields", "title", "body"),
    [
        ({"title": "Ferry back"}, "Ferry back", ""),
        ({"title": "slug", "headline": "Ferry back"}, "Ferry back", ""),
        ({"description_text": "It runs."}, "It runs.", ""),
        ({"description_caption_xhtml": "<p>It runs.</p>"}, "It runs.", ""),
        ({"headline_extended": "Ferry back"}, "Ferry back", ""),
        (
            {"headline": "Ferry back", "body_text": "It is back.\n\nIt runs."},
            "Ferry back",
            "It is back.\n\nIt runs.",
        ),
        ({"headline": "Ferry back", "body_xhtml": "<p>It runs.</p>"}, "Ferry back", "It runs."),
        ({"headline": "Ferry back", "body_teaser": "It runs."}, "Ferry back", "It runs."),
        ({"headline": "Ferry back", "body_nitf": "<nitf/>"}, "Ferry back", ""),
    ],
)
def test_the_text_may_stand_under_many_keys(fields: dict[str, str], title: str, body: str) -> None:
    """The keys of version 1 are patterns: anything may follow ``body_``."""
    document = only({"uri": "urn:1", "versioncreated": "2024-03-05T10:15:00Z", **fields}).document

    assert (title, body) == (document.title, document.body)


@pytest.mark.parametrize("key", ["items", "_items"])
def test_items_are_found_in_the_answer_of_a_content_api(key: str) -> None:
    value = {key: [SUPERDESK, GERMAN], "_meta": {"total": 2}}

    assert len(json_news.parse(orjson.dumps(value), ReadingHint()).articles) == 2


@pytest.mark.parametrize("status", ["canceled", "withheld"])
def test_an_item_that_is_taken_back_needs_no_text(status: str) -> None:
    article = only({"uri": "urn:1", "pubstatus": status, "versioncreated": "2024-03-05T10:15:00Z"})

    assert (article.local_id, article.status) == ("urn:1", status)


@pytest.mark.parametrize(
    "item",
    [
        {"uri": "urn:1", "versioncreated": "2024-03-05T10:15:00Z", "pubstatus": "usable"},
        {"uri": "urn:1", "type": "picture", "renditions": {"a": {"href": "https://ncn.example/a.jpg"}}},
        {"uri": "urn:1", "profile": "x", "headlines": [], "bodies": [{"value": ""}]},
    ],
)
def test_an_item_of_metadata_only_has_a_code_of_its_own(item: dict[str, Any]) -> None:
    """An editor must see that nothing is broken: there is just nothing to read."""
    with pytest.raises(Rejection) as caught:
        only(item)

    assert caught.value.reason == "metadata_only"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("headline", 5),
        ("headlines", {"main": "x"}),
        ("bodies", "text"),
        ("subject", "text"),
        ("associations", "text"),
        ("associations", [None, 5]),
        ("version", {}),
        ("pubstatus", 7),
        ("embargoed", [1]),
        ("urgency", "high"),
        ("place", {"name": "x"}),
        ("renditions", 3),
    ],
)
def test_values_of_the_wrong_kind_are_left_out(field: str, value: object) -> None:
    """Items come from programs of many people."""
    article = only({"uri": "urn:1", "title": "Ferry back", "type": "text", field: value})

    assert article.document.title == "Ferry back"


@pytest.mark.parametrize(
    "opened",
    [
        '{{"data": {{"item": {}}}}}',
        '{{"data": {{"items": [{{"meta": 1, "item": {}}}]}}}}',
        '{{"items": [{}]}}',
    ],
)
def test_an_item_is_found_in_what_content_apis_put_around_it(opened: str) -> None:
    """Their answers are saved as they came."""
    item = (
        '{"uri": "urn:1", "type": "text", "headline": "Ferry back", "versioncreated": "2024-03-05T10:15:00Z"}'
    )
    (article,) = read_seed(opened.format(item).encode(), ReadingHint(file_name="a.json")).articles

    assert (article.local_id, article.document.title) == ("urn:1", "Ferry back")


AP = {
    "api_version": "2.4",
    "data": {
        "item": {
            "uri": "https://api.ncn.example/1",
            "version": 3,
            "type": "text",
            "versioncreated": "2024-03-05T10:15:00Z",
            "headline": "Ferry back",
            "headline_extended": "The ferry is back after nine months",
            "bylines": [{"by": "By ANN LEE", "title": "NCN Writer"}, {"name": "Bo Ray"}],
            "datelinelocation": {"city": "Port Ellis", "countryname": "Ellis Land"},
            "usageterms": ["Not for resale", "Online only"],
            "infosource": [{"name": "NCN"}],
        }
    },
    "nitf": {"body_html": '<block id="Main"><p>It runs.</p><p>Hourly.</p></block>'},
}


def test_the_text_beside_an_item_is_its_text() -> None:
    """AP's media service has it there, and fields of its own for who, where and on what terms."""
    document = only(AP).document

    assert (document.title, document.body) == ("Ferry back", "It runs.\n\nHourly.")
    assert document.summary == "The ferry is back after nine months"
    assert (document.byline, document.authors) == ("ANN LEE, Bo Ray", ("ANN LEE", "Bo Ray"))
    assert document.dateline == Dateline(place="Port Ellis", agency="NCN")
    assert document.rights == "Not for resale, Online only"


def test_a_list_of_local_reporters_is_held_until_its_embargo() -> None:
    """The BBC's partnership lists its items under one key, and says ``embargotime``."""
    item = {"headline": "Ferry back", "body_text": "It runs.", "versioncreated": "2024-03-05T10:15:00"}
    several = [{**item, "uri": f"https://ncn.example/{number}"} for number in range(2)]
    several[0]["embargotime"] = "2024-03-06T06:00:00"
    held, free = json_news.parse(orjson.dumps({"total": 2, "item": several}), ReadingHint()).articles

    assert held.embargo_until == datetime(2024, 3, 6, 6, tzinfo=UTC)
    assert (free.embargo_until, free.published_at) == (None, datetime(2024, 3, 5, 10, 15, tzinfo=UTC))
