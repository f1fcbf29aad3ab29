"""What the tests of ingest share."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsfeed.values import Seed
from services.ingest.intake import Arrival


@pytest.fixture
def arrival() -> Arrival:
    """A seed of the source ``wire`` that was just read."""
    seed = Seed(
        path="wire/a.zip", sha256="0" * 64, size_bytes=1, modified_at=datetime(2024, 3, 5, tzinfo=UTC)
    )
    return Arrival(seed=seed, source_id="wire", read_at=datetime(2024, 3, 5, tzinfo=UTC))
