"""The names that ship are those of the CLDR in use, and a language gets its own."""

from __future__ import annotations

import pytest

from newsfeed import zstd
from services.enrich.cldr import cities, countries_speaking, names_in
from tools import build_cldr_names as tool


def test_the_file_is_what_would_be_made_today() -> None:
    """A new version of Babel brings new names, and a list of the tool that is edited wants another file."""
    assert zstd.decompress(tool.TARGET.read_bytes()).split(b"\n") == tool.lines()


def test_every_language_has_the_names_that_babel_gives_it() -> None:
    """By each of its codes, whatever a source writes: ``fr``, ``fra``, ``fre``."""
    zones = [city.zone for city in cities()]
    expected = {code: tool.names(locale, zones) for code, locale in tool.languages().items()}

    assert expected == {code: names_in(code) for code in expected}


def test_a_language_that_is_not_known_has_english_names() -> None:
    """It is in Latin letters more often than not."""
    assert names_in("qqq") == names_in("en")


@pytest.mark.parametrize(("language", "latin"), [("fr", True), ("ru", False), ("vo", True), ("und", True)])
def test_the_letters_of_a_language_are_those_of_its_names(language: str, latin: bool) -> None:
    """Where they are Latin, a city without a name of its own has its English one."""
    assert names_in(language).are_latin() is latin


def test_a_language_is_spoken_where_it_is_official() -> None:
    """English is it in the United States without a law; nobody speaks a language that there is not."""
    assert {"FR", "BE", "CH", "SN"} <= countries_speaking("fr")
    assert "US" in countries_speaking("en")
    assert countries_speaking("qqq") == frozenset()
