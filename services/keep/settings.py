"""What keep is told from outside, beside the settings that all programs share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from newsfeed.settings import Settings


class KeepSettings(Settings):
    """Settings of the keep program."""

    digests_kept: Annotated[int, Field(ge=1)] = 1000
    """How many digests of a channel can be read again, however old they are."""
    digests_kept_days: Annotated[float, Field(gt=0)] = 30
    """How long a digest can be read again, however many came after it."""
    erase_on_kill: bool = False
    """Whether an article is erased for good when its wire kills it, and not only withdrawn."""
