"""What keep is told from outside, beside the settings that all programs share."""

from __future__ import annotations

from newsfeed.settings import Settings


class KeepSettings(Settings):
    """Settings of the keep program."""

    erase_on_kill: bool = False
    """Whether an article is erased for good when its wire kills it, and not only withdrawn."""
