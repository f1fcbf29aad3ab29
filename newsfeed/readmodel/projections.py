"""Every projection of the article log that is kept in Redis, by name."""

from __future__ import annotations

from typing import Any

from newsfeed.readmodel.articles import ARTICLES
from newsfeed.readmodel.projection import Projection

PROJECTIONS: dict[str, Projection[Any]] = {ARTICLES.name: ARTICLES}
