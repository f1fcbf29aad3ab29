"""What publish is told from outside, beside the settings that all programs share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator
from pydantic.networks import IPvAnyNetwork
from pydantic_settings import NoDecode

from newsfeed.settings import Seconds, Settings

Port = Annotated[int, Field(ge=1, le=65_535)]


class PublishSettings(Settings):
    """Settings of the publish program."""

    tick_seconds: Seconds = 0.25
    """How often the boundaries of the channels are looked at."""
    webhooks_allow: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = ()
    """Networks, separated by commas, that webhooks may go to although they are not public."""
    webhooks_ports: Annotated[tuple[Port, ...], NoDecode] = (80, 443, 8080, 8443)
    """Ports, separated by commas, of public hosts that webhooks may go to."""

    @field_validator("webhooks_allow", "webhooks_ports", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        )
