"""What publish is told from outside, beside the settings that all programs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic.networks import IPvAnyNetwork
from pydantic_settings import NoDecode

from newsfeed.settings import Seconds, Settings, with_secret

Port = Annotated[int, Field(ge=1, le=65_535)]


class PublishSettings(Settings):
    """Settings of the publish program."""

    tick_seconds: Seconds = 0.25
    """How often the boundaries of the channels are looked at."""
    webhooks_allow: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = ()
    """Networks, separated by commas, that webhooks may go to although they are not public."""
    webhooks_ports: Annotated[tuple[Port, ...], NoDecode] = (80, 443, 8080, 8443)
    """Ports, separated by commas, of public hosts that webhooks may go to."""
    feeds_url: str | None = None
    """Where the web program answers, without a path, to fetch feeds for WebSub; ``public_url`` if not set."""
    smtp_host: str = ""
    """The server that mails are handed to; no mail is sent without it."""
    smtp_port: Port | None = None
    """Its port; 465 for ``tls``, 587 for ``starttls``, 25 for ``off`` if it is not set."""
    smtp_tls: Literal["starttls", "tls", "off"] = "starttls"
    """Whether a connection must change to TLS before anything is said, is TLS from the start, or is clear."""
    smtp_user: str = ""
    """Who we are to the server; nobody if empty."""
    smtp_password: SecretStr = SecretStr("")
    """The password of that user."""
    smtp_password_file: Path | None = None
    """A file that holds ``smtp_password``, for secrets."""
    smtp_from: str = ""
    """The address that mails are from; what follows its @ also ends the ids of mails."""
    smtp_from_name: str = "newsfeed"
    """The name beside that address."""
    smtp_connections: Annotated[int, Field(ge=1, le=100)] = 5
    """Connections to the server at once."""

    @model_validator(mode="before")
    @classmethod
    def _read_password(cls, values: dict[str, object]) -> dict[str, object]:
        return with_secret(values, "smtp_password")

    @field_validator("webhooks_allow", "webhooks_ports", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        )
