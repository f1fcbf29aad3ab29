"""The rules of the house, each as a claim about the files as they are."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest
from importlinter.cli import lint_imports
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PACKAGES = ("newsfeed", "services")
PURE = tuple(
    f"newsfeed.{name}"
    for name in ("documents", "envelope", "errors", "events", "streams", "upcasters", "values")
)
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
# The watcher, its rounds and what they follow are to seeds what a subscriber is to events.
UPPER_MODULES = ("app", "watcher", "rounds", "deletions", "withdrawing", "handlers")
MOST_INSTALLED_MEGABYTES = 225
"""Of the default install: with what a first run compiles it stays below 250."""
ROOMLESS_NAMES = {"util", "utils", "helper", "helpers", "common", "manager", "misc"}

# Joined from parts, so that this file does not break its own rule.
FORBIDDEN = re.compile(
    "|".join(
        (
            r"(?<![\w.$}])/(?:" + "|".join(("wo" + "rk", "ro" + "ot", "ho" + "me", "Us" + "ers")) + r")/",
            r"\bpypi" + r"\.org\b",
            r"python" + r"hosted\.org",
            r"--(?:extra-)?index" + r"-url[ =]",
            r"--find" + r"-links[ =]",
        )
    )
)

PROBE = """
import importlib, json, os, pkgutil, sys
seen = []
def watch(event, args):
    if event in ("socket.connect", "socket.bind"):
        seen.append(f"{module}: {event}")
    elif event == "open" and isinstance(args[0], (str, bytes)):
        path, mode, flags = args
        writes = any(c in mode for c in "wax+") if mode else flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes and os.fsdecode(path) != os.devnull:
            seen.append(f"{module}: writes {os.fsdecode(path)}")
module = "newsfeed"
sys.addaudithook(watch)
import newsfeed, services
names = ["newsfeed", "services"]
for package in (newsfeed, services):
    found = pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    names += [entry.name for entry in found if not entry.name.endswith(".__main__")]
for module in names:
    importlib.import_module(module)
print(json.dumps({"modules": names, "seen": seen}))
"""


def modules() -> Iterator[Path]:
    """Every Python file of the two import packages."""
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def shown(path: Path) -> str:
    """The path as a reader of a failing test wants it."""
    return path.relative_to(ROOT).as_posix()


def kept_files() -> list[Path]:
    """All files that git tracks or would track."""
    git = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listing = subprocess.run(git, cwd=ROOT, check=True, capture_output=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("this is not a git checkout, so nothing is tracked")
    paths = (ROOT / name.decode() for name in listing.split(b"\0") if name)
    return [path for path in paths if path.is_file()]


def run_python(code: str) -> str:
    """What a fresh interpreter prints that writes no byte code and knows this checkout."""
    command = [sys.executable, "-B", "-c", code]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_imports_follow_the_layer_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "path", [*sys.path])

    status = lint_imports(config_filename="pyproject.toml", no_cache=True, no_logo=True)

    assert status == 0


def test_no_file_is_longer_than_the_tail_budget() -> None:
    lengths = {shown(path): len(path.read_text().splitlines()) for path in modules()}

    assert {name: lines for name, lines in lengths.items() if lines > MAX_FILE_LINES} == {}


def test_no_function_is_longer_than_the_tail_budget() -> None:
    too_long = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > MAX_FUNCTION_LINES
    ]

    assert too_long == []


def test_every_module_has_a_room_in_its_name() -> None:
    roomless = [shown(path) for path in modules() if {path.stem, path.parent.name} & ROOMLESS_NAMES]

    assert roomless == []


def test_plain_modules_import_neither_app_nor_what_drives_or_handles() -> None:
    """The import-linter contract names few modules of a service; this covers the plain ones."""
    upper = "|".join(UPPER_MODULES)
    upward = re.compile(rf"^\s*(?:from|import) services\.\w+(?:\.| import )(?:{upper})\b", re.MULTILINE)
    offenders = [
        shown(path)
        for path in sorted((ROOT / "services").rglob("*.py"))
        if path.stem not in UPPER_MODULES and upward.search(path.read_text())
    ]

    assert offenders == []


def test_the_vocabulary_pulls_in_no_transport() -> None:
    """Not even by way of something else: this looks at what is loaded, not at import lines."""
    present = [name for name in PURE if importlib.util.find_spec(name)]
    loaded = run_python(f"import sys, {', '.join(present)}; print(*sys.modules)").split()

    assert {"faststream", "redis", "structlog"} & set(loaded) == set()


def test_the_test_kit_needs_pytest_and_hypothesis_only_where_it_says_so() -> None:
    """Programs that use its builders or its log in memory need not install them."""
    names = [shown(path)[:-3].replace("/", ".") for path in (ROOT / "newsfeed/testing").glob("[!_]*.py")]
    plain = [name for name in names if name.rpartition(".")[2] not in {"fixtures", "stateful", "wishes"}]

    loaded = run_python(f"import sys, {', '.join(plain)}; print(*sys.modules)").split()

    assert {"pytest", "hypothesis"} & set(loaded) == set()
    assert "newsfeed.testing.memory_log" in loaded


def test_importing_a_module_opens_no_socket_and_writes_no_file() -> None:
    answer = json.loads(run_python(PROBE))

    assert answer["seen"] == []
    assert set(PACKAGES) < set(answer["modules"])


def test_no_file_names_a_registry_or_a_path_of_somebodys_machine() -> None:
    offenders = []
    for path in kept_files():
        data = path.read_bytes()
        if b"\0" in data[:8192]:
            continue
        found = FORBIDDEN.search(data.decode(errors="replace"))
        if found:
            offenders.append(f"{shown(path)}: {found.group()}")

    assert offenders == []


@pytest.mark.parametrize("name", ["requirements-pip.lock", "requirements.lock", "requirements-dev.lock"])
def test_a_lock_holds_hashes_and_no_index_address(name: str) -> None:
    text = (ROOT / name).read_text()
    requirements = text.replace("\\\n", " ").splitlines()
    unhashed = [line for line in requirements if line and "--hash=sha256:" not in line]

    assert unhashed == []
    assert "://" not in text


def test_the_default_install_stays_small() -> None:
    """As it is unpacked, with the pip that does it."""
    locks = (ROOT / name for name in ("requirements-pip.lock", "requirements.lock"))
    names = {name for lock in locks for name in re.findall(r"^([\w-]+)==", lock.read_text(), re.MULTILINE)}
    megabytes = sum(
        Path(str(file.locate())).stat().st_size / 1e6
        for found in distributions()
        if canonicalize_name(found.name) in names
        for file in found.files or ()
        if file.suffix != ".pyc"
    )

    assert megabytes <= MOST_INSTALLED_MEGABYTES
