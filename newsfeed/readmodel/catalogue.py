"""Which versions of a projection there are: the one that answers, the one before, and one being built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict

from newsfeed import streams
from newsfeed.errors import NewsfeedError
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.fields import Change, apply


class NoSuchVersion(NewsfeedError):
    """There is no version to swap in, or to go back to."""


class Versions(BaseModel):
    """The versions of one projection, by number; a number is never used twice.

    ``live`` answers. ``kept`` are kept up with the log: the live one and the one before it, newest
    swap first. ``building`` is filled by a rebuild alone. ``dropping`` are to be removed; they are
    listed until nothing of them is left. ``folds`` tells which fold made each of them.
    """

    model_config = ConfigDict(frozen=True)

    live: int | None = None
    kept: tuple[int, ...] = ()
    building: int | None = None
    dropping: tuple[int, ...] = ()
    newest: int = 0
    folds: Mapping[int, int] = {}

    @property
    def previous(self) -> int | None:
        """The version that a rollback goes back to."""
        return next((version for version in self.kept if version != self.live), None)

    def there(self) -> list[int]:
        """Every version that can be looked at, in order."""
        return sorted({*self.kept, *([self.building] if self.building else [])})

    def state_of(self, version: int) -> str:
        """``live``, ``previous`` or ``building``."""
        if version == self.live:
            return "live"
        return "building" if version == self.building else "previous"

    def started(self, fold: int) -> Self:
        """With a live version; an empty one answers right at once, because queries fold what it lacks."""
        if self.live is not None:
            return self
        number = self.newest + 1
        return self._with(live=number, kept=(number,), newest=number, folds={**self.folds, number: fold})

    def begun(self, fold: int) -> Self:
        """With a version being built: the one there is, unless another fold began it."""
        if self.building and self.folds.get(self.building) == fold:
            return self
        number = self.newest + 1
        given_up = (self.building,) if self.building else ()
        return self._with(
            building=number,
            newest=number,
            dropping=(*self.dropping, *given_up),
            folds={**self.folds, number: fold},
        )

    def given_up(self) -> Self:
        """Without a version being built."""
        if not self.building:
            return self
        return self._with(building=None, dropping=(*self.dropping, self.building))

    def swapped(self, version: int) -> Self:
        """With the built version live; the one that was live is kept, all others go."""
        if self.building != version:
            raise NoSuchVersion(f"version {version} is not being built any more")
        kept = (version, self.live) if self.live else (version,)
        gone = tuple(one for one in self.kept if one not in kept)
        return self._with(live=version, kept=kept, building=None, dropping=(*self.dropping, *gone))

    def rolled_back(self, fold: int) -> Self:
        """With the previous version live; the one that was live becomes the previous one."""
        if self.previous is None:
            raise NoSuchVersion("there is no version to go back to")
        if self.folds.get(self.previous) != fold:
            raise NoSuchVersion(f"version {self.previous} was made by another release: go back to that first")
        return self._with(live=self.previous)

    def dropped(self, version: int) -> Self:
        """Without a version of which nothing is left."""
        return self._with(
            dropping=tuple(one for one in self.dropping if one != version),
            folds={number: fold for number, fold in self.folds.items() if number != version},
        )

    def _with(self, **update: object) -> Self:
        return self.model_copy(update=update)


async def read_versions(redis: Client, projection: str) -> Versions:
    """The versions of a projection; none before its first start."""
    stored = await redis.hget(streams.PROJECTIONS, projection)
    return Versions.model_validate_json(stored) if stored else Versions()


async def change_versions(redis: Client, projection: str, change: Callable[[Versions], Versions]) -> Versions:
    """Change the versions of a projection in one step, whoever else does; as they are after it."""
    while True:
        stored = await redis.hget(streams.PROJECTIONS, projection) or b""
        before = Versions.model_validate_json(stored) if stored else Versions()
        after = change(before)
        written = after.model_dump_json(exclude_defaults=True)
        where = (streams.PROJECTIONS, projection)
        if after == before or await apply(redis, Change([(*where, stored)], [(*where, written)])):
            return after
