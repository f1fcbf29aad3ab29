"""A place in which newsfeed runs as a user runs it: a folder and commands, each a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

BIN = Path(sys.executable).parent


class Place:
    """A folder in which somebody runs newsfeed; every command is a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seeds = folder / "seeds"
        self.seeds.mkdir()
        self.environment: dict[str, str] = {
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
        }
        self._started: list[subprocess.Popen[bytes]] = []

    def write(self, files: Mapping[str, str]) -> None:
        """Drop files, each under its final name at once, as a careful program would."""
        for name, text in files.items():
            target = self.seeds / name
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_name(f".{target.name}")
            draft.write_text(text, encoding="utf-8")
            draft.replace(target)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a command that goes on."""
        with (self.folder / "up.log").open("ab") as output:
            process = subprocess.Popen(
                [str(BIN / command[0]), *command[1:]],
                cwd=self.folder,
                env=self.environment,
                stdout=subprocess.PIPE if command[1:2] == ("watch",) or command[0] != "newsfeed" else output,
                stderr=output,
            )
        self._started.append(process)
        return process

    def newsfeed(self, *arguments: str, status: int = 0) -> str:
        """What a command prints; its exit status must be the one expected."""
        done = subprocess.run(
            [str(BIN / "newsfeed"), *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def listing(self, *arguments: str, status: int = 0) -> list[dict[str, Any]]:
        """The lines of a listing."""
        return [
            orjson.loads(line) for line in self.newsfeed(*arguments, "--json", status=status).splitlines()
        ]

    def digests(self, channel: str) -> list[dict[str, Any]]:
        """All digests of a channel, as its subscribers got them."""
        count = len(self.listing("digests", channel))
        return self.listing("watch", channel, "--since", "0", "--count", str(count)) if count else []

    def drain(self, status: int = 0) -> None:
        """Take everything in, to the last digest."""
        self.newsfeed("up", "--drain", "--seeds", "seeds", status=status)

    @property
    def socket(self) -> Path:
        """Where the embedded Redis of this place listens."""
        return self.folder / "var" / "redis" / "redis.sock"

    def close(self) -> None:
        """End what is still running, by pid."""
        for process in self._started:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        for process in self._started:
            process.wait()
            if process.stdout:
                process.stdout.close()


def report(number: int) -> dict[str, str]:
    """A seed with one article, by name: the number chooses among five formats."""
    place = ("Geneva", "Lagos", "Oslo", "Lima", "Kyiv", "Cairo")[number % 6]
    title = f"Report {number} from {place}"
    body = [f"The council of {place} met on Tuesday about part {part} of {number}." for part in range(3)]
    write = (_as_text, _as_markdown, _as_html, _as_ninjs, _as_rss)[number % 5]
    suffix, content = write(number, title, body)
    return {f"desk{number % 3}/n{number}.{suffix}": content}


def _as_text(_: int, title: str, body: list[str]) -> tuple[str, str]:
    return "txt", "\n\n".join([title, *body])


def _as_markdown(_: int, title: str, body: list[str]) -> tuple[str, str]:
    return "md", "\n\n".join([f"---\ntitle: {title}\nlang: en\n---", *body])


def _as_html(_: int, title: str, body: list[str]) -> tuple[str, str]:
    page = "".join(f"<p>{paragraph}</p>" for paragraph in body)
    head = f"<head><title>{title}</title></head>"
    return "html", f"<html lang='en'>{head}<body><article><h1>{title}</h1>{page}</article></body></html>"


def _as_ninjs(number: int, title: str, body: list[str]) -> tuple[str, str]:
    item = {"uri": f"urn:{number}", "headline": title, "body_text": "\n".join(body), "language": "en"}
    return "json", orjson.dumps(item).decode()


def _as_rss(number: int, title: str, body: list[str]) -> tuple[str, str]:
    item = f"<item><guid>g{number}</guid><title>{title}</title><description>{body[0]}</description></item>"
    head = "<title>F</title><link>http://e.example/</link><description>d</description>"
    return "xml", f"<rss version='2.0'><channel>{head}{item}</channel></rss>"


def reports(first: int, last: int) -> dict[str, str]:
    """The seeds of the reports from ``first`` up to but not including ``last``."""
    return {name: content for number in range(first, last) for name, content in report(number).items()}
