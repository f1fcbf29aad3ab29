"""What an editor says of a source, in ``_source.toml`` in its folder: read when it changes."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from services.ingest.article import ReadingHint, Rejection
from services.ingest.looks import Look, look_of
from services.ingest.opening import Unsettled, read_seed
from services.ingest.paths import DEFAULT_SOURCE, SOURCE_FILE, disk_path, source_of

MAX_BYTES = 64 * 1024

OnDone = Literal["keep", "move"]
Line = Annotated[str, Field(min_length=1, max_length=200)]


class SourceSettings(BaseModel):
    """What may stand in a ``_source.toml``; what is left out is as it is without the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Line | None = None
    """What the source is called, instead of its folder's name; identities stay with the folder."""
    language: Annotated[str, Field(pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | None = None
    """What it writes in where a document does not say."""
    topics: tuple[Line, ...] = ()
    """The topics of articles that name none."""
    format: Line | None = None
    """The format that is tried first; a document that is none of it is read as what it is."""
    mapping: dict[Line, Line] = Field(default_factory=dict)
    """Where the fields of an article stand in its JSON or tables: our name to a dotted path."""
    on_delete: Literal["nothing", "withdraw"] = "nothing"
    """Whether deleting a seed withdraws its articles."""
    on_done: OnDone | None = None
    """Whether its done seeds stay or move away; None is what holds for all."""
    ready_marker: str | None = None
    """A file beside a seed that says it is complete, such as ``{name}.done``."""

    @field_validator("ready_marker")
    @classmethod
    def _names_its_seed(cls, marker: str | None) -> str | None:
        if marker is not None and (marker.count("{name}") != 1 or "/" in marker or marker == "{name}"):
            raise ValueError("it must contain {name} once, something else, and no /")
        return marker

    def is_marker(self, path: str) -> bool:
        """Whether a file is not a seed but says that one is complete."""
        if self.ready_marker is None:
            return False
        before, after = self.ready_marker.split("{name}")
        name = path.rpartition("/")[2]
        return name.startswith(before) and name.endswith(after) and len(name) > len(before + after)

    def marker_of(self, path: str) -> str | None:
        """The file that says that a seed is complete; None where none is asked for."""
        if self.ready_marker is None:
            return None
        folder, slash, name = path.rpartition("/")
        return f"{folder}{slash}{self.ready_marker.replace('{name}', name)}"

    def hint(self, path: str) -> ReadingHint:
        """What a reader is told of a seed besides its bytes."""
        return ReadingHint(
            file_name=path.rpartition("/")[2],
            language=self.language,
            format=self.format,
            mapping=self.mapping,
        )


_PLAIN = SourceSettings()


@dataclass(slots=True)
class Sources:
    """The settings of every source of a watched folder. ``formats`` are the names that may be hinted at."""

    root: Path
    formats: Collection[str] = ()
    troubles: dict[str, str] = field(default_factory=dict)
    _settings: dict[str, SourceSettings] = field(default_factory=dict)
    _looks: dict[str, Look] = field(default_factory=dict)
    _waiting: set[str] = field(default_factory=set)

    def refresh(self, folders: Iterable[str]) -> set[str]:
        """Read what changed since the last time, and name it; ``folders`` are all sources that there are.

        A file that looks different than last time may still be written to: its source waits until
        it looks the same twice. So does one of which it cannot be told whether there is such a file.
        """
        read, there = set[str](), set(folders)
        for source in self._looks.keys() - there:
            self._forget(source)
        for source in there:
            try:
                look = self._look(source)
            except OSError:
                self._waiting.add(source)
                continue
            if look is None:
                self._forget(source)
            elif look != self._looks.get(source):
                self._looks[source] = look
                self._waiting.add(source)
            elif source in self._waiting:
                self._waiting.discard(source)
                self._read(source, look)
                read.add(source)
        return read

    def read(self, folders: Iterable[str]) -> None:
        """Read all of them as they are at this moment."""
        names = list(folders)
        for _ in range(2):
            self.refresh(names)

    def of(self, path: str) -> SourceSettings:
        """The settings that hold for a seed."""
        return self._settings.get(source_of(path), _PLAIN)

    def name_of(self, path: str) -> str:
        """The source of a seed, as it is called in facts."""
        return self.of(path).name or source_of(path)

    @property
    def unsettled(self) -> bool:
        """Whether it is not known at this moment what holds for some source."""
        return bool(self._waiting or self.troubles)

    @property
    def withdrawing(self) -> bool:
        """Whether deleting means something in any source."""
        return any(one.on_delete == "withdraw" for one in self._settings.values())

    def seeds(self, files: dict[str, Look]) -> dict[str, Look]:
        """The files that may be read now: no markers, none that lack theirs, none of a source that waits."""
        if not (self._settings or self._waiting or self.troubles):
            return files
        return {path: look for path, look in files.items() if self._may_be_read(path, files)}

    def _may_be_read(self, path: str, files: Collection[str]) -> bool:
        source = source_of(path)
        if source in self._waiting or source in self.troubles:
            return False
        settings = self._settings.get(source, _PLAIN)
        marker = settings.marker_of(path)
        return marker is None or (not settings.is_marker(path) and marker in files)

    def _file(self, source: str) -> Path:
        return (
            self.root / SOURCE_FILE
            if source == DEFAULT_SOURCE
            else self.root / disk_path(source) / SOURCE_FILE
        )

    def _look(self, source: str) -> Look | None:
        try:
            return look_of(self._file(source).lstat())
        except FileNotFoundError:
            return None

    def _forget(self, source: str) -> None:
        for known in (self._looks, self._settings, self.troubles):
            known.pop(source, None)
        self._waiting.discard(source)

    def _read(self, source: str, look: Look) -> None:
        self._settings.pop(source, None)
        self.troubles.pop(source, None)
        try:
            settings = parse(read_seed(self._file(source), look, MAX_BYTES))
            if settings.format and self.formats and settings.format not in self.formats:
                raise ValueError(f"format: there is none called {settings.format!r}")  # noqa: TRY301 told below
        except (ValueError, OSError, Rejection, Unsettled) as error:
            self.troubles[source] = f"{source}/{SOURCE_FILE}: {_sentence(error)}"
        else:
            self._settings[source] = settings


def parse(data: bytes) -> SourceSettings:
    """The settings in a file; raises ValueError, of which ``pydantic.ValidationError`` is one."""
    return SourceSettings.model_validate(tomllib.loads(data.decode("utf-8-sig")))


def _sentence(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)
