"""The container files, as far as they can be checked without a container engine.

Run: the compose file against the Compose specification's schema, Redis with the very flags of the
compose file, and every Python command of the Dockerfile in a fresh virtual environment. Not run:
the images themselves, their users, volumes and health checks.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent
PROGRAMS = ("ingest", "enrich", "publish", "keep", "web")

SAFE_SYSTEM_COMMANDS = (
    r'useradd --uid "\$UID" --no-create-home --shell /usr/sbin/nologin \w+',
    r"install --directory --owner=\w+( /(srv|var/lib)/newsfeed[\w/]*)+",
)
"""What a RUN may do outside Python; none of them is run here."""


def run(command: list[str], cwd: Path) -> str:
    """The output of a command that must succeed; pip leaves out to compile what hardly any of is run."""
    environment = {**os.environ, "PIP_NO_COMPILE": "1"}
    done = subprocess.run(command, cwd=cwd, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


def instructions() -> Iterator[tuple[str, str]]:
    """Each instruction of the Dockerfile with its arguments, comments and line breaks resolved."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name.upper(), rest.strip()


def is_python(command: str) -> bool:
    """Whether a RUN starts a Python interpreter."""
    return Path(shlex.split(command)[0]).name == "python"


def copied_sources() -> list[str]:
    """What the Dockerfile copies from the checkout."""
    copies = [shlex.split(rest) for name, rest in instructions() if name == "COPY"]
    return [source for words in copies if not words[0].startswith("--from") for source in words[:-1]]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The compose file as data, anchors resolved."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def test_the_compose_file_follows_the_compose_specification() -> None:
    tool = [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec"]

    assert "ok" in run([*tool, "docker-compose.yml"], ROOT)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_program_is_run_by_faststream_and_waits_for_redis(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]

    assert service["command"] == ["faststream", "run", f"services.{name}.app:app"]
    assert service["depends_on"] == {"redis": {"condition": "service_healthy"}}
    assert service["environment"]["NEWSFEED_REDIS_URL"] == "redis://redis:6379/0"
    assert importlib.util.find_spec(f"services.{name}")


@pytest.mark.parametrize("name", [*PROGRAMS, "redis"])
def test_every_service_comes_back_and_runs_with_few_rights(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]

    assert service["restart"] == "unless-stopped"
    assert service["stop_grace_period"].endswith("s")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "container_name" not in service, "a fixed name cannot be scaled"


def test_every_volume_that_is_mounted_is_declared(compose: dict[str, Any]) -> None:
    mounts = [mount for service in compose["services"].values() for mount in service["volumes"]]
    named = {mount.split(":")[0] for mount in mounts if not mount.startswith(".")}

    assert named == set(compose["volumes"])


def test_only_this_machine_can_reach_redis(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_redis_takes_the_flags_of_the_compose_file(compose: dict[str, Any], tmp_path: Path) -> None:
    """A real server is started with them: a misspelt flag would only show at the first start."""
    program, *flags = compose["services"]["redis"]["command"]
    server = shutil.which(program) or str(BIN / "redis-server")
    socket = tmp_path / "s"
    here = ["--dir", str(tmp_path), "--port", "0", "--unixsocket", str(socket)]
    process = subprocess.Popen([server, *flags, *here], stdout=subprocess.DEVNULL)
    try:
        with Redis(unix_socket_path=str(socket), decode_responses=True) as redis:
            wait_for(redis)
            taken = {flag: redis.config_get(flag)[flag] for flag in (flag[2:] for flag in flags[::2])}
    finally:
        process.terminate()
        process.wait(timeout=10)

    assert taken == {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "stream-node-max-bytes": "65536",
        "stream-node-max-entries": "100",
    }


def wait_for(redis: Redis) -> None:
    """Return when the server answers; raise after ten seconds."""
    deadline = time.monotonic() + 10
    while True:
        try:
            redis.ping()
        except RedisConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def test_the_builder_is_sent_exactly_what_is_copied() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    let_through = {line[1:] for line in lines if line.startswith("!")}

    assert "*" in lines
    assert let_through == set(copied_sources())
    assert all((ROOT / source).exists() for source in let_through)


def test_the_image_does_not_run_as_root() -> None:
    users = [rest for name, rest in instructions() if name == "USER"]

    assert users == ["newsfeed"]


def test_system_commands_of_the_dockerfile_are_known() -> None:
    system = [rest for name, rest in instructions() if name == "RUN" and not is_python(rest)]

    assert system
    assert [
        rest for rest in system if not any(re.fullmatch(safe, rest) for safe in SAFE_SYSTEM_COMMANDS)
    ] == []


@pytest.mark.timeout(600)
def test_the_python_commands_of_the_dockerfile_work(tmp_path: Path) -> None:
    """In order, with /venv and /build moved aside; ENV and the base image are not simulated."""
    moved = {"/venv": str(tmp_path / "venv"), "/build": str(tmp_path / "build")}
    build = tmp_path / "build"
    build.mkdir()
    for name, rest in instructions():
        words = shlex.split(rest)
        if name == "COPY" and not words[0].startswith("--from"):
            target = tmp_path / words[-1][1:] if words[-1].startswith("/") else build / words[-1]
            target.mkdir(parents=True, exist_ok=True)
            copy(words[:-1], target)
        elif name == "RUN" and is_python(rest):
            words = [re.sub(r"^/(venv|build)\b", lambda found: moved[found.group()], word) for word in words]
            run([sys.executable if words[0] == "python" else words[0], *words[1:]], build)

    assert data_files(next((tmp_path / "venv").glob("lib/python3*/site-packages"))) == data_files(ROOT)
    shutil.rmtree(build)
    where = "import newsfeed, services.publish; print(newsfeed.__file__)"
    assert run([f"{moved['/venv']}/bin/python", "-c", where], tmp_path).startswith(moved["/venv"])
    assert "FastStream" in run([f"{moved['/venv']}/bin/faststream", "--version"], tmp_path)
    assert (tmp_path / "venv/bin/newsfeed").is_file()
    assert "latest" in run([f"{moved['/venv']}/bin/newsfeed", "channels", "list"], tmp_path / "srv/newsfeed")


def data_files(folder: Path) -> set[str]:
    """What the packages in a folder hold besides Python, Lua scripts for instance."""
    found = (path for package in ("newsfeed", "services") for path in (folder / package).rglob("*.*"))
    return {path.relative_to(folder).as_posix() for path in found if path.suffix not in {".py", ".pyc"}}


def copy(sources: list[str], target: Path) -> None:
    """COPY as Docker does it: files into a folder, the contents of a folder as the target."""
    for source in sources:
        path = ROOT / source
        if path.is_dir():
            shutil.copytree(path, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, target / path.name)
