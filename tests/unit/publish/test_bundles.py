"""A bundle's digest: each item once, under the first member that it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any, get_args

import orjson
import pytest
from lxml import html as lxml_html

from newsfeed.bundles import Bundle, assembled
from newsfeed.channels import Channel, FrameLanguage
from newsfeed.testing.builders import START_AT, document, enrichment, ingested
from newsfeed.testing.deliveries import delivery_fields
from newsfeed.values import ArticleAlike, Range, Window
from services.enrich.re_enriching import Tally
from services.publish import selecting
from services.publish.candidates import Candidate
from services.publish.channel_index import ChannelIndex
from services.publish.composing import compose
from services.publish.digests import Digest
from services.publish.matching import Placed, placed, why, why_not
from services.publish.rendering import render
from services.publish.transports import Delivery
from services.publish.transports.mail import Letterhead, digest_mail
from services.publish.transports.mailbox import parse_mailbox
from services.publish.transports.payload import payload

MakeCandidate = Callable[..., Candidate]

ENERGY, WIND, POLITICS, SPORT = "medtop:20000385", "medtop:20001373", "medtop:11000000", "medtop:15000000"
WINDOW = Window(
    opened_at=START_AT,
    closed_at=START_AT + timedelta(seconds=10),
    ranges=(Range(partition=0, after=0, through=9),),
)


def _ancestors(topic_id: str) -> tuple[str, ...]:
    return {WIND: (ENERGY,)}.get(topic_id, ())


def _channel(name: str, **fields: object) -> Channel:
    return Channel.model_validate({"name": name, "title": name.title(), "cron": "0 8 * * *", **fields})


def _bundle(*names: str, **fields: object) -> Bundle:
    """Of those that are named, in that order; of energy and politics if none is."""
    members = [
        _channel("energy", topics=[ENERGY]),
        _channel("politics", topics=[POLITICS], title="Politics & <b>power</b>"),
        _channel("desk", sources=["desk"]),
        _channel("calm", query="* NOT storm"),
    ]
    bundle = _channel("morning", bundle=names or ("energy", "politics"), **fields)
    found = assembled([*members, bundle])["morning"]
    assert isinstance(found, Bundle)
    return found


def _digest(channel: Channel, candidates: Iterable[Candidate]) -> Digest:
    digest = compose(channel, 5, "1772323210000-0", WINDOW, candidates, [], {}, _ancestors)
    assert digest is not None
    return digest


def _sections(digest: Digest) -> list[tuple[str | None, str]]:
    return [(item.section, item.article_id) for item in digest.items]


@pytest.fixture
def article(candidate: MakeCandidate) -> Callable[..., Candidate]:
    """An article with topics and their scores; ``alike`` another one."""

    def made(
        article_id: str, topics: Mapping[str, float], alike: str | None = None, title: str = ""
    ) -> Candidate:
        found = enrichment(topics=dict(topics))
        one = candidate(ingested(article_id), document(title or f"About {article_id}"), found)
        others = (ArticleAlike(article_id=alike, version=1, likeness=0.9),) if alike else ()
        object.__setattr__(one, "enriched", one.enriched.model_copy(update={"alike": others}))
        return one

    return made


Article = Callable[..., Candidate]


def test_items_stand_once_by_section_and_within_it_by_score(article: Article) -> None:
    """What belongs to both is told where the editor put it first."""
    candidates = [
        article("law", {POLITICS: 0.9}),
        article("grid", {ENERGY: 0.5}),
        article("tax", {POLITICS: 0.8, ENERGY: 0.7}),
        article("match", {SPORT: 0.9}),
    ]

    digest = _digest(_bundle(), candidates)
    turned = _digest(_bundle("politics", "energy"), candidates)

    assert _sections(digest) == [("energy", "tax"), ("energy", "grid"), ("politics", "law")]
    assert _sections(turned) == [("politics", "law"), ("politics", "tax"), ("energy", "grid")]
    assert [(one.name, one.title) for one in digest.sections] == [
        ("energy", "Energy"),
        ("politics", "Politics & <b>power</b>"),
    ]


def test_a_bundle_of_the_last_member_would_be_noticed(
    article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted bug: the section of an article is that of the last member that it belongs to."""

    def of_the_last(
        channel: Channel, candidate: Candidate, ancestors: Callable[[str], tuple[str, ...]]
    ) -> Placed | None:
        assert isinstance(channel, Bundle)
        turned = channel.model_copy(update={"members": channel.members[::-1]})
        found = placed(turned, candidate, ancestors)
        return found and Placed(found.reasons, found.section, len(channel.members) - 1 - found.place)

    monkeypatch.setattr(selecting, "placed", of_the_last)

    with pytest.raises(AssertionError):
        test_items_stand_once_by_section_and_within_it_by_score(article)


def test_what_tells_the_same_stands_in_one_section_under_an_article_of_it(article: Article) -> None:
    """Even if another section's article has the better score: what leads is of the first section."""
    candidates = [
        article("law", {POLITICS: 0.9}, alike="grid"),
        article("grid", {ENERGY: 0.5}),
        article("vote", {POLITICS: 0.3}),
    ]

    digest = _digest(_bundle(), candidates)

    assert _sections(digest) == [("energy", "grid"), ("politics", "vote")]
    assert [one.article_id for one in digest.items[0].also] == ["law"]
    assert [one.member for one in digest.items[0].also[0].why] == ["politics"]


def test_sections_take_turns_when_not_all_of_it_fits(article: Article) -> None:
    """A long section does not crowd out the one behind it; the rest is counted in its order."""
    candidates = [article(f"grid-{n}", {ENERGY: 0.9 - n / 10}) for n in range(4)]
    candidates += [article(f"law-{n}", {POLITICS: 0.9 - n / 10}) for n in range(2)]

    digest = _digest(_bundle(max_items=3), candidates)
    whole = _digest(_bundle(max_items=5), candidates)

    assert _sections(digest) == [("energy", "grid-0"), ("energy", "grid-1"), ("politics", "law-0")]
    assert digest.more == ("grid-2", "grid-3", "law-1")
    assert [one for _, one in _sections(whole)] == ["grid-0", "grid-1", "grid-2", "law-0", "law-1"]


def test_a_reason_names_the_member_whose_clause_was_met(article: Article) -> None:
    """And after it what the bundle itself asks for, once."""
    one = article("grid", {WIND: 0.9})
    found = why(_bundle("energy", languages=["en"]), one, _ancestors) or ()
    asked_twice = why(_bundle("desk", sources=["desk"]), one, _ancestors) or ()

    assert [(reason.member, reason.kind, reason.clause, reason.id) for reason in found] == [
        ("energy", "topic", ENERGY, WIND),
        (None, "language", "en", "en"),
    ]
    assert [(reason.member, reason.clause) for reason in asked_twice] == [("desk", "desk")]


def test_what_a_bundle_asks_for_itself_must_hold_besides(article: Article) -> None:
    one = article("grid", {ENERGY: 0.9})

    assert why(_bundle(languages=["fr"]), one, _ancestors) is None
    assert why(_bundle(query="title:about"), one, _ancestors) is not None
    assert why(_bundle(query="* NOT title:about"), one, _ancestors) is None


def test_of_what_does_not_belong_the_nearest_member_is_told(article: Article) -> None:
    """An editor mends one clause, not all of them."""
    one = article("match", {SPORT: 0.9})
    gone = _channel("morning", bundle=["weather"])

    assert why_not(_bundle("energy", "desk", languages=["fr"]), one, _ancestors) == ["languages: none of fr"]
    assert why_not(_bundle("energy"), one, _ancestors) == [f"energy: topics: none of {ENERGY}"]
    assert why_not(assembled([gone])["morning"], one, _ancestors) == [
        "bundle: none of its channels is there any more"
    ]


@pytest.mark.parametrize(
    "names", [("energy", "politics"), ("politics", "desk"), ("calm",), ("energy", "calm")]
)
@pytest.mark.parametrize("fields", [{}, {"languages": ["en"]}, {"languages": ["fr"]}, {"query": "grid"}])
def test_the_index_finds_what_belongs_to_a_bundle(
    article: Article, names: tuple[str, ...], fields: dict[str, Any]
) -> None:
    """By what the articles of its members cannot do without."""
    bundle = _bundle(*names, **fields)
    for topics in ({ENERGY: 0.9}, {WIND: 0.4}, {POLITICS: 0.9}, {SPORT: 0.9}, {}):
        one = article("grid", topics)
        expected = {"morning"} if why(bundle, one, _ancestors) is not None else set()

        assert ChannelIndex([bundle]).matching(one, _ancestors) == expected
        beside = ChannelIndex([bundle, *bundle.members]).matching(one, _ancestors)
        assert beside & {"morning"} == expected


def test_nothing_is_held_against_a_bundle_without_members(article: Article) -> None:
    """It goes on, and says nothing."""
    gone = assembled([_channel("morning", bundle=["weather"], languages=["en"])])["morning"]
    one = article("grid", {ENERGY: 0.9})

    assert ChannelIndex([gone]).candidates(one, _ancestors) == set()
    assert compose(gone, 5, "1772323210000-0", WINDOW, [one], [], {}, _ancestors) is None


def test_a_bundle_is_affected_by_what_its_members_ask_for() -> None:
    """`newsfeed re-enrich` names it."""
    tally = Tally(came={POLITICS: 1})  # type: ignore[arg-type] # a Counter is a dict

    assert tally.affected([_bundle("energy"), _bundle("politics")]) == ["morning"]


def test_digests_of_other_channels_have_the_fields_that_they_had(article: Article) -> None:
    """Their bytes stay what they were; the fields of bundles are there in bundles."""
    one = article("grid", {ENERGY: 0.9})
    plain = orjson.loads(_digest(_channel("energy", topics=[ENERGY]), [one]).canonical_bytes())
    bundled = orjson.loads(_digest(_bundle(), [one]).canonical_bytes())

    assert "sections" not in plain
    assert "section" not in plain["items"][0]
    assert "member" not in plain["items"][0]["why"][0]
    assert bundled["sections"] == [{"name": "energy", "title": "Energy"}]
    assert (bundled["items"][0]["section"], bundled["items"][0]["why"][0]["member"]) == ("energy", "energy")
    assert Digest.model_validate(plain).canonical_bytes() == orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)


@pytest.mark.parametrize("language", get_args(FrameLanguage))
def test_the_text_and_the_page_have_a_heading_for_each_section(article: Article, language: str) -> None:
    """Read back: which articles stand under which heading."""
    channel = _bundle(language=language)
    candidates = [
        article("law", {POLITICS: 0.9}, title="A law"),
        article("grid", {ENERGY: 0.5}, title="The grid"),
        article("sun", {ENERGY: 0.4}, title="The sun"),
    ]
    rendered = render(_digest(channel, candidates), channel)

    tree = lxml_html.document_fromstring(rendered["html"])
    shown = [(one.tag, str(one.xpath("string()"))) for one in tree.iter("h2", "h3")]
    assert shown[1:] == [
        ("h2", "Energy"),
        ("h3", "The grid"),
        ("h3", "The sun"),
        ("h2", "Politics & <b>power</b>"),
        ("h3", "A law"),
    ]
    assert [one.get("dir") for one in tree.iter("h2") if one.get("class") == "section"] == ["auto", "auto"]
    lines = rendered["text"].decode().splitlines()
    at = lines.index("Energy")
    assert lines[at + 1 : at + 4] == ["------", "", " 1. The grid"]
    at = lines.index("Politics & <b>power</b>")
    assert lines[at + 1 : at + 4] == ["-" * 23, "", " 3. A law"]
    assert lines.count("Energy") == 1


def test_a_long_title_of_a_section_keeps_to_the_columns_of_the_text(article: Article) -> None:
    members = [_channel("energy", topics=[ENERGY], title="Watts " * 30)]
    channel = assembled([*members, _channel("morning", bundle=["energy"])])["morning"]
    text = render(_digest(channel, [article("grid", {ENERGY: 0.5})]), channel)["text"].decode()

    assert max(len(line) for line in text.splitlines()) == 72


def test_a_mail_and_a_webhook_have_the_sections(article: Article) -> None:
    """As headings of the text and of the page; as fields where there is neither."""
    channel = _bundle()
    candidates = [article("law", {POLITICS: 0.9}), article("grid", {ENERGY: 0.5})]
    delivery = Delivery(**delivery_fields(bodies=render(_digest(channel, candidates), channel)))
    plain = _channel("energy", topics=[ENERGY])
    other = Delivery(**delivery_fields(bodies=render(_digest(plain, candidates), plain)))
    ada, desk = parse_mailbox("ada@reader.example"), parse_mailbox("desk@news.example")
    letterhead = Letterhead(desk, "News", "https://news.example")

    mail = message_from_bytes(digest_mail(delivery, ada, letterhead, "token"), policy=default)
    text, page = [part.get_content() for part in mail.iter_parts()]
    data, without = (orjson.loads(payload(one, None))["data"] for one in (delivery, other))

    lines = text.splitlines()
    assert lines[lines.index("Energy") :][:4] == ["Energy", "------", "", " 1. About grid"]
    assert '<h2 class="section" dir="auto">Politics &amp; &lt;b&gt;power&lt;/b&gt;</h2>' in page
    assert [one["name"] for one in data["sections"]] == ["energy", "politics"]
    assert [one["section"] for one in data["items"]] == ["energy", "politics"]
    assert not {"sections", "section"} & {*without, *without["items"][0]}
