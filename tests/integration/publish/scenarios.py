"""A story and what is to be said of it, held against the real publisher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from newsfeed.bundles import assembled
from newsfeed.channels import Channel
from newsfeed.eventlog.verify_channels import verify_channels
from newsfeed.testing.timeline import Timeline
from tests.integration.publish.narrating import Narrator


class Scenario(NamedTuple):
    """What happens and what is said of it; a channel closes a window a minute unless it says otherwise.

    A bundle is made of ``members``.
    """

    story: str
    digests: list[str]
    channel: Mapping[str, Any] = {}
    received: Mapping[str, list[int]] = {}
    members: Sequence[Mapping[str, Any]] = ()


async def hold(timeline: Timeline, scenario: Scenario) -> None:
    """That the digests are what the scenario says, and all that is kept of them is sound in the end."""
    fields = {"name": "latest", "title": "Latest", **scenario.channel}
    narrator = Narrator(timeline, assembled(map(channel_of, [*scenario.members, fields]))["latest"])

    await narrator.tell(scenario.story)

    assert await narrator.shown() == scenario.digests
    assert narrator.received() == scenario.received
    assert [problem async for problem in verify_channels(timeline.log)] == []


def channel_of(fields: Mapping[str, Any]) -> Channel:
    """A channel of some fields, a minute a window unless they say otherwise."""
    cadence = {} if "cron" in fields else {"every_seconds": 60}
    return Channel.model_validate({"title": fields["name"], **cadence, **fields})
