"""The publish program in a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from newsfeed.redis_server import EmbeddedRedis

ROOT = Path(__file__).parents[3]
CONFIG = '[[channels]]\nname = "latest"\ntitle = "Latest"\nevery_seconds = 1\nsettle_seconds = 0\n'


@asynccontextmanager
async def publish_program(
    server: EmbeddedRedis, folder: Path, config: str = CONFIG, **settings: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The program over the channels of a configuration, ended with the block; ``settings`` by name."""
    file = folder / "newsfeed.toml"
    file.write_text(config)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "NEWSFEED_REDIS_URL": server.url,
        "NEWSFEED_CONFIG": str(file),
        "NEWSFEED_VAR": str(folder),
        "NEWSFEED_TICK_SECONDS": "0.02",
        **{f"NEWSFEED_{name.upper()}": value for name, value in settings.items()},
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "faststream", "run", "services.publish.app:app"),
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
