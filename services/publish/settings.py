"""What publish is told from outside, beside the settings that all programs share."""

from __future__ import annotations

from newsfeed.settings import Seconds, Settings


class PublishSettings(Settings):
    """Settings of the publish program."""

    tick_seconds: Seconds = 0.25
    """How often the boundaries of the channels are looked at."""
