"""Where a language is spoken."""

from __future__ import annotations

from functools import cache

from babel.core import get_global
from babel.languages import get_official_languages


@cache
def countries_speaking(language: str) -> frozenset[str]:
    """ISO 3166 codes of countries where the language is official, or all but (English in the USA)."""
    codes = get_global("territory_languages")
    return frozenset(
        code for code in codes if language in get_official_languages(code, regional=False, de_facto=True)
    )
