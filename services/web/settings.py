"""What web is told from outside, beside the settings that all programs share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from newsfeed.settings import Seconds, Settings


class WebSettings(Settings):
    """Settings of the web program."""

    host: str = "127.0.0.1"
    """The address to listen on; only this machine unless it is changed."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 8000
    """The port to listen on; 0 serves nothing."""
    feed_digests: Annotated[int, Field(ge=1, le=200)] = 30
    """How many digests a feed holds at most."""
    listeners: Annotated[int, Field(ge=1)] = 1000
    """How many may listen to events at once."""
    keep_alive_seconds: Seconds = 15
    """How often a listener is sent a comment when there is no digest."""
    stalled_seconds: Annotated[float, Field(gt=0, le=30)] = 20
    """How long a listener may take to read what it was sent."""
