"""Channels made of channels: what an editor may write, and which members are in force."""

from __future__ import annotations

import pytest

from newsfeed.bundles import Bundle, assembled, check_bundle, holders_of
from newsfeed.channel_tables import parse_channels
from newsfeed.channels import Channel
from newsfeed.definitions import in_force
from newsfeed.errors import ChannelInvalid
from newsfeed.registry import Registry
from newsfeed.testing.registering import channel_defined

MEMBERS = """
[[channels]]
name = "energy"
title = "Energy"
every_seconds = 60
topics = ["20000385"]

[[channels]]
name = "politics"
title = "Politics"
cron = "0 8 * * *"
topics = ["11000000"]
"""


def _text(bundle: str, *more: str) -> str:
    lines = [
        "[[channels]]",
        'name = "morning"',
        'title = "Morning"',
        "immediate = true",
        f"bundle = {bundle}",
    ]
    return "\n".join([MEMBERS, *lines, *more])


def _channel(name: str, **fields: object) -> Channel:
    return Channel.model_validate({"name": name, "title": name.title(), "every_seconds": 60, **fields})


def _morning(*members: Channel, **fields: object) -> Bundle:
    """A bundle of energy and politics, of which some are there."""
    found = assembled([*members, _channel("morning", bundle=["energy", "politics"], **fields)])["morning"]
    assert isinstance(found, Bundle)
    return found


def test_a_bundle_keeps_the_order_that_it_was_written_in() -> None:
    """It is the order of its sections."""
    *_, morning = parse_channels(_text('["politics", "energy"]'))

    assert morning.bundle == ("politics", "energy")


@pytest.mark.parametrize(
    ("bundle", "expected"),
    [
        ('["energy", "morning"]', "bundle: a bundle is not made of itself"),
        ('["energy", "energy"]', "bundle: energy is named more than once"),
        ('["enrgy"]', "bundle: there is no channel 'enrgy'; did you mean 'energy'?"),
        ('["weather"]', "bundle: there is no channel 'weather'; known are energy, politics"),
        ('["energy", "Politics"]', "bundle[1]: 'Politics' is not allowed; allowed is a list of names"),
        ('"energy"', "bundle: 'energy' is not allowed; allowed is a list of names"),
    ],
)
def test_a_bundle_of_what_is_not_there_is_refused_with_a_way_on(bundle: str, expected: str) -> None:
    with pytest.raises(ChannelInvalid) as caught:
        parse_channels(_text(bundle))

    [problem] = caught.value.problems
    assert problem.startswith(f"channel morning: {expected}")


def test_a_bundle_of_bundles_is_refused() -> None:
    """Its sections would have sections."""
    evening = '[[channels]]\nname = "evening"\ntitle = "Evening"\nimmediate = true\nbundle = ["morning"]'
    with pytest.raises(ChannelInvalid) as caught:
        parse_channels(_text('["energy"]', evening))

    assert caught.value.problems == (
        "channel evening: bundle: 'morning' is a bundle itself: name what it is made of (energy)",
    )


def test_a_member_that_is_wrong_is_told_of_once() -> None:
    """That the bundle names it is no second mistake."""
    wrong = '[[channels]]\nname = "weather"\ntitle = "Weather"'
    with pytest.raises(ChannelInvalid) as caught:
        parse_channels(_text('["weather"]', wrong))

    [problem] = caught.value.problems
    assert problem.startswith("channel weather: cadence: ")


def test_the_member_of_a_bundle_does_not_become_one() -> None:
    """Whoever changes the member learns which bundle stands in the way."""
    known = {"energy": (), "politics": (), "morning": ("energy", "politics")}
    with pytest.raises(ChannelInvalid) as caught:
        check_bundle(_channel("energy", bundle=["politics"]), known)

    check_bundle(_channel("energy"), known)
    check_bundle(_channel("morning", bundle=["politics"]), known)
    assert caught.value.problems == (
        "channel energy: bundle: the bundle 'morning' is made of it, and none is made of bundles",
    )
    assert holders_of("energy", known) == ["morning"]


def test_a_channel_that_is_no_bundle_is_defined_as_it_ever_was() -> None:
    """Digests that came out name its version, and older programs read its definition."""
    plain = Channel(name="a", title="A", every_seconds=2)

    assert "bundle" not in plain.model_dump(mode="json")
    assert plain.version == "49620abad2e0f493a4d8bb167b2ee557b3ce52b898da320c5965d67cbb106adc"
    assert assembled([plain])["a"] is plain


def test_a_bundle_goes_on_without_a_member_that_is_gone_or_a_bundle_by_now() -> None:
    energy, politics = _channel("energy"), _channel("politics", bundle=["energy"])

    assert [one.name for one in _morning(energy).members] == ["energy"]
    assert [one.name for one in _morning(energy, politics).members] == ["energy"]
    assert (_morning(energy).missing, _morning(energy, politics).missing) == (["politics"], ["politics"])
    assert _morning().members == ()


def test_every_article_belongs_to_a_bundle_with_a_member_for_everything() -> None:
    """Unless the bundle asks for something itself, or has no member any more."""
    everything = _channel("energy")

    assert _morning(everything).is_unrestricted
    assert not _morning(everything, languages=["fr"]).is_unrestricted
    assert not _morning(_channel("energy", languages=["fr"])).is_unrestricted
    assert not _morning().is_unrestricted


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Power"},
        {"topics": ["20000385"]},
        {"entities": ["wikidata:Q1"]},
        {"languages": ["fr"]},
        {"sources": ["desk"]},
        {"query": "wind*"},
        {"minimum_score": 0.5},
    ],
)
def test_the_version_of_a_bundle_is_another_when_a_member_selects_or_is_called_otherwise(
    fields: dict[str, object],
) -> None:
    """A digest names it: a back-test can tell whether it was made by what is in force now."""
    before = _morning(_channel("energy"), _channel("politics"))
    after = _morning(_channel("energy", **fields), _channel("politics"))

    assert before.version != after.version


def test_the_version_of_a_bundle_does_not_know_when_its_members_come_out() -> None:
    """Their cadence, limits and language are no concern of it; its own are, and who is there."""
    energy = _channel("energy")
    other = _channel("energy", every_seconds=5, max_items=3, language="fr", description="Watts")

    assert _morning(energy).version == _morning(other).version
    assert len({_morning(energy).version, _morning().version, _morning(energy, max_items=3).version}) == 3
    assert _morning(energy).model_dump() == _channel("morning", bundle=["energy", "politics"]).model_dump()


def test_the_registry_gives_bundles_with_the_members_of_now() -> None:
    """One that is defined anew is followed, one that is retired is missed."""
    facts = [
        channel_defined("morning", bundle=["energy", "politics"]),
        channel_defined("energy", query="wind"),
    ]
    channels = {fact.channel: fact for fact in facts}
    problems: dict[str, str] = {}
    bundle = in_force(Registry(channels=channels), problems)["morning"].channel
    channels["energy"] = channel_defined("energy", query="sun")
    later = in_force(Registry(channels=channels), problems)["morning"].channel

    assert isinstance(bundle, Bundle)
    assert isinstance(later, Bundle)
    assert [one.query for one in (*bundle.members, *later.members)] == ["wind", "sun"]
    assert (bundle.missing, problems) == (["politics"], {})
    assert bundle.version != later.version
