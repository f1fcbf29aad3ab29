"""The examples of docs/testing.md run as they stand there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"
EXAMPLE = re.compile(r"^```python\n# (\S+\.py)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SETTINGS = re.compile(r"^```toml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
BLOCK = re.compile(r"^```python$", re.MULTILINE)


@pytest.mark.timeout(180)  # Another pytest starts, and in it the servers and Hypothesis.
def test_every_example_runs(tmp_path: Path) -> None:
    """Whoever copies an example should not be the first to run it."""
    page = PAGE.read_text(encoding="utf-8")
    examples = EXAMPLE.findall(page)
    for name, code in examples:
        (tmp_path / name).write_text(code, encoding="utf-8")
    [settings] = SETTINGS.findall(page)
    (tmp_path / "pyproject.toml").write_text(settings, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error"]

    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert len(BLOCK.findall(page)) == len(examples) == len({name for name, _ in examples})
