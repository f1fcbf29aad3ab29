"""What every program is told from outside: the environment variables ``NEWSFEED_*``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Seconds = Annotated[float, Field(gt=0)]

Durability = Literal["strict", "warn", "off"]
"""How much is asked of Redis before a program works on it."""


def with_secret(values: dict[str, object], name: str) -> dict[str, object]:
    """What was told, with the secret ``name`` out of the file ``<name>_file`` where only that was."""
    file = values.get(f"{name}_file")
    if file and not values.get(name):
        return {**values, name: Path(str(file)).read_text(encoding="utf-8").strip()}
    return values


class Settings(BaseSettings):
    """Settings that all programs share. The environment is read once, when this is made."""

    model_config = SettingsConfigDict(env_prefix="NEWSFEED_", frozen=True, extra="ignore")

    redis_url: str | None = None
    """Where Redis is; without it a private one is started under ``var``."""
    redis_url_file: Path | None = None
    """A file that holds ``redis_url``, for secrets."""
    var: Path = Path("var")
    """Folder of all state: the embedded Redis, logs."""
    archive: str = ""
    """Where sealed segments of the log go: a folder, or a URL of fsspec; ``<var>/archive`` if empty."""
    archive_events: Annotated[int, Field(ge=1, le=100_000)] = 10_000
    """Events of a partition that make a segment of the archive."""
    archive_seconds: Annotated[float, Field(ge=0)] = 3600
    """How old the oldest event may become before fewer are sealed, too."""
    trim_after_seconds: Annotated[float, Field(ge=0)] | None = None
    """How long archived events stay in Redis as well; without it they always do."""
    config: Path = Path("newsfeed.toml")
    """The file that defines channels."""
    partitions: Annotated[int, Field(ge=1, le=64)] = 4
    """Partitions of the article log; counts only when the log is created."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The lowest level that is written."""
    lease_seconds: Seconds = 1.5
    """How long a partition stays with a process that is not heard of."""
    polling_seconds: Annotated[float, Field(gt=0, le=5)] = 0.5
    """How long one blocking read of the log waits; it must end before the client gives up on its socket."""
    enrich_processes: Annotated[int, Field(ge=1, le=64)] | None = None
    """Enrich processes that `newsfeed up` starts; a core each if not set, at most one a partition."""
    max_attempts: Annotated[int, Field(ge=1)] = 5
    """How often an event is tried before it becomes a dead letter."""
    public_url: str | None = None
    """Where readers find the pages, without a path: what goes out links there."""
    link_key_file: Path | None = None
    """A file with the key that signs links in mails; ``<var>/link.key`` is made if there is none."""
    durability: Durability = "warn"
    """Whether a program refuses (``strict``) or only tells of (``warn``) a Redis that keeps data badly."""

    @model_validator(mode="before")
    @classmethod
    def _read_url(cls, values: dict[str, object]) -> dict[str, object]:
        return with_secret(values, "redis_url")

    @field_validator("redis_url")
    @classmethod
    def _leaves_the_protocol_alone(cls, url: str | None) -> str | None:
        if url and "protocol=" in url:  # redis-py then answers in other shapes, and FastStream reads nothing.
            raise ValueError("leave `protocol` out of the URL of Redis")
        return url

    @model_validator(mode="after")
    def _lease_outlives_a_read(self) -> Settings:
        if self.lease_seconds < self.polling_seconds + self.renew_seconds:
            raise ValueError("lease_seconds must be at least polling_seconds + lease_seconds / 4")
        return self

    @property
    def archive_url(self) -> str:
        """Where the archive is: ``archive``, or the folder beside the other state."""
        return self.archive or str(self.var / "archive")

    @property
    def renew_seconds(self) -> float:
        """How often leases, membership and health are renewed."""
        return self.lease_seconds / 4
