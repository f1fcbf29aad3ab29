"""What enrich is told from outside, beside the settings that all programs share."""

from __future__ import annotations

from newsfeed.settings import Settings


class EnrichSettings(Settings):
    """Settings of the enrich program."""
