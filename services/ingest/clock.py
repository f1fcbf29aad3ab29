"""What time it is. A test turns the hands; a program has the clocks of its machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """``monotonic`` gives seconds that never go back, ``now`` the time of the calendar in UTC."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _now
