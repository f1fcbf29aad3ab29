"""Answers to programs."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from starlette.responses import Response


def answer(document: Mapping[str, object], status: int = 200) -> Response:
    """JSON."""
    return Response(orjson.dumps(document), status, media_type="application/json")
