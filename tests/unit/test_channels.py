"""What an editor may write in newsfeed.toml, and what they are told when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsfeed.channel_tables import load_channels, parse_channels
from newsfeed.channels import Channel
from newsfeed.errors import ChannelInvalid

SHIPPED = Path(__file__).parents[2] / "newsfeed.toml"
MINIMAL = 'name = "desk"\ntitle = "The Desk"\nevery_seconds = 10\n'


def _problems(*lines: str) -> list[str]:
    """What is said about one channel made of the lines."""
    with pytest.raises(ChannelInvalid) as caught:
        parse_channels("[[channels]]\n" + "\n".join(lines))
    return list(caught.value.problems)


def test_the_shipped_channels_are_latest_world_and_morning() -> None:
    """They are what a user finds after the first five minutes."""
    latest, world, morning = load_channels(SHIPPED)

    assert (latest.name, latest.every_seconds, latest.is_unrestricted) == ("latest", 2, True)
    assert (world.name, world.every_seconds) == ("world", 10)
    assert {"medtop:16000000", "medtop:11000000", "medtop:03000000"} <= set(world.topics)
    assert (morning.name, morning.cron, morning.time_zone) == ("morning", "0 8 * * *", "Europe/Paris")


def test_a_text_without_channels_has_none_and_other_tables_are_left_alone() -> None:
    """The same file holds other settings."""
    assert parse_channels('[redis]\nurl = "x"\n[[subscriptions]]\nchannel = "desk"\n') == ()


def test_windows_by_the_clock_wait_longer_to_settle_than_windows_of_seconds() -> None:
    """A reader of seconds would notice five of them, a reader of days would not."""
    by_seconds = Channel(name="a", title="A", every_seconds=2)
    by_clock = Channel(name="a", title="A", cron="0 8 * * *")

    assert (by_seconds.settle_seconds, by_clock.settle_seconds) == (1, 5)


def test_the_version_depends_on_the_meaning_and_not_on_the_writing() -> None:
    """A digest names the version: reordering a list is no new definition, another topic is."""
    first = Channel(name="a", title="A", every_seconds=2, topics=("16000000", "medtop:11000000"))
    reordered = Channel(name="a", title="A", every_seconds=2, topics=("11000000", "16000000", "16000000"))
    changed = Channel(name="a", title="A", every_seconds=2, topics=("11000000",))

    assert first.version == reordered.version
    assert len(first.version) == 64
    assert first.version != changed.version


def test_a_value_that_is_written_out_means_the_same_as_its_default() -> None:
    """Else documenting a channel would give it another version."""
    short = Channel(name="a", title="A", cron="0 8 * * *")
    long = Channel(
        name="a", title="A", cron=" 0  8 * * *", minimum_score=0, settle_seconds=5, on_empty="skip"
    )

    assert short.version == long.version


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('topicz = ["16000000"]', "channel desk: topicz: unknown key; did you mean topics?"),
        ("colour = 1", "channel desk: colour: unknown key; known are name, title"),
        ("max_items = 0", "channel desk: max_items: 0 is not allowed; allowed is a whole number from 1"),
        ("max_items = true", "channel desk: max_items: True is not allowed"),
        (
            "minimum_score = 2",
            "channel desk: minimum_score: 2 is not allowed; allowed is a number from 0 to 1",
        ),
        (
            'topics = ["16000000", "war"]',
            "channel desk: topics[1]: 'war' is not allowed; allowed is a list of IPTC",
        ),
        ("topics = [16000000]", "channel desk: topics[0]: 16000000 is not allowed"),
        ('languages = ["french"]', "channel desk: languages[0]: 'french' is not allowed"),
        (
            'on_empty = "shout"',
            'channel desk: on_empty: \'shout\' is not allowed; allowed is "skip" or "send"',
        ),
        (
            'language = "tlh"',
            "channel desk: language: 'tlh' is not allowed; allowed is the language of the digest",
        ),
        ('time_zone = "europe/paris"', "'europe/paris' is not a time zone; did you mean 'Europe/Paris'?"),
        ('time_zone = "../../etc/passwd"', "'../../etc/passwd' is not a time zone"),
        ('cron = "0 8 * * *"', "channel desk: cadence: set exactly one of immediate, every_seconds and cron"),
    ],
)
def test_a_mistake_is_told_with_channel_field_and_what_is_allowed(line: str, expected: str) -> None:
    """An editor is no programmer."""
    (problem,) = _problems(MINIMAL, line)

    assert expected in problem


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("0 8 * *", "'0 8 * *' has 4 fields, cron has 5"),
        ("0 0 8 * * *", "'0 0 8 * * *' has 6 fields, cron has 5"),
        ("0 25 * * *", "'0 25 * * *' is not a cron expression: Bad hour"),
        ("0 0 30 2 *", "'0 0 30 2 *' is not a cron expression: Bad day-of-month"),
    ],
)
def test_a_cron_expression_that_cannot_fire_is_refused(cron: str, expected: str) -> None:
    """Else the channel would be silent for ever, and nobody would know why."""
    (problem,) = _problems('name = "desk"', 'title = "The Desk"', f'cron = "{cron}"')

    assert expected in problem


def test_everything_that_is_wrong_is_told_at_once() -> None:
    """One round for the editor, not one per mistake."""
    problems = _problems(
        'name = "The Desk"', "every_seconds = 0", "[[channels]]", 'name = "b"', 'title = "B"'
    )

    assert [problem.split(":")[1].strip() for problem in problems] == [
        "name",
        "title",
        "every_seconds",
        "cadence",
    ]


def test_a_name_is_used_once() -> None:
    """It is the address of the channel."""
    assert _problems(MINIMAL, "[[channels]]", MINIMAL) == ["channel desk: name: there are 2 channels of it"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[channels", "the text is not TOML"),
        ('[channels.desk]\ntitle = "x"', "begin each channel with a line [[channels]]"),
        ("channels = [1]", "begin each channel with a line [[channels]]"),
    ],
)
def test_a_text_of_another_shape_is_refused(text: str, expected: str) -> None:
    """A table in single brackets is the likeliest slip."""
    with pytest.raises(ChannelInvalid) as caught:
        parse_channels(text)

    assert expected in str(caught.value)


def test_a_file_that_is_missing_or_wrong_is_named(tmp_path: Path) -> None:
    """Which of several checkouts is meant must be plain."""
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('[[channels]]\nname = "desk"\nevery_seconds = 1\n', encoding="utf-8")

    with pytest.raises(ChannelInvalid, match=r"missing\.toml cannot be read"):
        load_channels(tmp_path / "missing.toml")
    with pytest.raises(ChannelInvalid, match=r"wrong\.toml: channel desk: title: is missing"):
        load_channels(wrong)


def test_a_channel_without_quiet_hours_has_the_version_that_it_had() -> None:
    """Digests that came out name it: a key that came later must not change what they were made by."""
    plain = Channel(name="a", title="A", every_seconds=2)
    quiet = plain.model_copy(update={"quiet_hours": "22:00-07:00"})

    assert plain.version == "49620abad2e0f493a4d8bb167b2ee557b3ce52b898da320c5965d67cbb106adc"
    assert quiet.version != plain.version


def test_quiet_hours_have_a_beginning_and_another_end() -> None:
    [problem] = _problems('name = "a"', 'title = "A"', "every_seconds = 2", 'quiet_hours = "22:00"')

    assert "22:00-07:00" in problem
    assert problem.startswith("channel a: quiet_hours: ")
