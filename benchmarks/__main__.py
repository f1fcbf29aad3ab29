"""``python -m benchmarks [name ...] [--json]``: every ratio in a line; status 1 when a target failed."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
from collections.abc import Awaitable, Callable

import orjson

from benchmarks import (
    append,
    chain,
    consume,
    cores,
    enrich,
    fan_out,
    folder,
    ingest,
    live,
    memory,
    publish,
    read,
)
from benchmarks.measuring import TOLERANCE, Ratio, private_redis
from newsfeed import logs

ROUNDS = 9

BENCHMARKS: dict[str, Callable[[int], Awaitable[list[Ratio]]]] = {
    "append": append.measure,
    "consume": consume.measure,
    "chain": chain.measure,
    "memory": memory.measure,
    "read": read.measure,
    "enrich": enrich.measure,
    "cores": cores.measure,
    "ingest": ingest.measure,
    "folder": folder.measure,
    "publish": publish.measure,
    "fan-out": fan_out.measure,
    "live": live.measure,
}


async def machine() -> dict[str, object]:
    """What the figures depend on."""
    async with private_redis() as redis:
        version = (await redis.client.info("server"))["redis_version"]
    return {"cores": len(os.sched_getaffinity(0)), "python": platform.python_version(), "redis": version}


def as_json(benchmark: str, ratio: Ratio) -> str:
    """A ratio for programs."""
    fields = {
        "benchmark": benchmark,
        "ratio": ratio.name,
        "median": round(ratio.median, 4),
        "minimum": round(min(ratio.values), 4),
        "maximum": round(max(ratio.values), 4),
        "rounds": len(ratio.values),
        "target": ratio.target,
        "at_most": ratio.at_most,
        "met": ratio.met,
        "failed": ratio.failed,
        "detail": ratio.detail,
    }
    return orjson.dumps(fields).decode()


def as_line(benchmark: str, ratio: Ratio) -> str:
    """A ratio for people."""
    figures = f"{ratio.median:7.3f}  {min(ratio.values):6.3f} to {max(ratio.values):6.3f}"
    return f"{benchmark:8} {ratio.name:30} {figures}  {verdict(ratio):30} {ratio.detail}"


def verdict(ratio: Ratio) -> str:
    """The target, and whether the median is as good."""
    if ratio.target is None:
        return "no target"
    wanted = f"{'<=' if ratio.at_most else '>='} {ratio.target}"
    if ratio.met:
        return f"{wanted} met"
    return f"{wanted} MISSED{'' if ratio.failed else ' within tolerance'}"


async def run(names: list[str], rounds: int, *, as_objects: bool) -> bool:
    """Print as it goes; whether no target failed."""
    where = await machine()
    if as_objects:
        print(orjson.dumps({"machine": where, "tolerance": TOLERANCE}).decode(), flush=True)
    else:
        print("{cores} cores, Python {python}, Redis {redis}".format_map(where), flush=True)
        print("benchmark, ratio, its median, minimum to maximum, target, speeds or sizes", flush=True)
    fine = True
    for name in names:
        for ratio in await BENCHMARKS[name](rounds):
            print(as_json(name, ratio) if as_objects else as_line(name, ratio), flush=True)
            fine = fine and not ratio.failed
    return fine


def main() -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"any of {', '.join(BENCHMARKS)}")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="pairs behind every median")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.names if name not in BENCHMARKS]:
        parser.error(f"no benchmark is called {' or '.join(unknown)}")
    logs.configure("benchmarks", level="warning", stream=sys.stderr)
    fine = asyncio.run(run(arguments.names or [*BENCHMARKS], arguments.rounds, as_objects=arguments.json))
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
