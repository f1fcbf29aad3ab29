"""The curated records can be trusted as far as a machine can tell, and the compiled file is theirs."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from newsfeed import zstd
from services.enrich.knowledge import COMPILED, Record, load
from tools.build_knowledge import SOURCE, packed, rows
from tools.knowledge_rules import problems

NATO: dict[str, Any] = {
    "id": "wikidata:Q7184",
    "type": "ORG",
    "name": "NATO",
    "names": {"ru": ["Североатлантический альянс"], "ar": ["الناتو"], "zh": ["北约"]},
    "acronyms": {"*": ["NATO"], "fr": ["OTAN"], "ru": ["НАТО"]},
    "country": "XX",
    "verified": False,
    "from": date(1949, 4, 4),
}


@pytest.fixture(scope="module")
def written() -> list[dict[str, Any]]:
    """The records as the YAML files have them."""
    return rows()


def named(name: str) -> Record:
    return next(record for record in load() if record.name == name)


def test_no_record_breaks_a_rule(written: list[dict[str, Any]]) -> None:
    """Unique ids, no name with two owners, NFC, the script of the language, real dates and countries."""
    assert list(problems(written)) == []


def test_the_compiled_file_holds_the_records_of_the_yaml_files(written: list[dict[str, Any]]) -> None:
    """A record that is edited and not compiled would be a fact that nobody uses."""
    assert zstd.decompress((SOURCE / COMPILED).read_bytes()) == packed(written)


def test_every_record_is_loaded_in_the_order_of_the_ids(written: list[dict[str, Any]]) -> None:
    """Who comes first must not hang on the name of a file."""
    ids = [record.id for record in load()]
    assert ids == sorted(ids)
    assert len(ids) == len(written)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"id": "Q7184"}, "neither"),
        ({"id": "newsfeed:Nato"}, "neither"),
        ({"id": "newsfeed:nato", "verified": True}, "verified"),
        ({"type": "LOC"}, "type"),
        ({"role": "alliance"}, "unknown keys"),
        ({"country": "QQ"}, "country"),
        ({"names": {"fr": ["Alliance Atlantique du Nord "]}}, "blanks"),
        ({"names": {"fr": ["Élysée".replace("É", "E\u0301")]}}, "NFC"),
        ({"names": {"fr": ["OTAN", "OTAN"]}}, "twice"),
        ({"names": {"ru": ["NATO"]}}, "script of ru"),
        ({"names": {"ru": ["НAТО"]}}, "script of ru"),
        ({"names": {"zh": ["НАТО"]}}, "script of zh"),
        ({"names": {"uk": ["Альянс Кыева"]}}, "does not have"),
        ({"names": {"ru": ["Київ"]}}, "does not have"),
        ({"names": {"ar": ["گروه"]}}, "does not have"),
        ({"names": {"fr": ["~OTAN"]}}, "mark"),
        ({"acronyms": {"fr": ["Otan"]}}, "upper case"),
        ({"weak": ["Alliance"]}, "weak but no name"),
        ({"from": "1949"}, "date"),
        ({"to": date(1948, 1, 1)}, "ends before"),
    ],
)
def test_a_record_that_breaks_a_rule_is_found(change: dict[str, Any], complaint: str) -> None:
    """Each rule is only worth what it catches."""
    assert list(problems([NATO])) == []
    assert any(complaint in problem for problem in problems([{**NATO, **change}]))


def test_a_name_has_one_owner_in_each_language() -> None:
    """Two owners of a name would make the link depend on their order."""
    rival = {"id": "newsfeed:otan", "type": "ORG", "name": "Otan Bank", "acronyms": {"fr": ["OTAN"]}}
    assert any("both are OTAN in fr" in problem for problem in problems([NATO, rival]))
    assert list(problems([NATO, {**rival, "acronyms": {"pl": ["OTAN"]}}])) == []
    assert list(problems([NATO, {**rival, "weak": ["OTAN"]}])) == []
    assert list(problems([NATO, {**rival, "ambiguous": True}])) == []


def test_the_english_name_and_names_of_every_language_have_one_owner_too() -> None:
    """They count in all languages."""
    rival = {"id": "newsfeed:nato-2", "type": "ORG", "name": "Another", "names": {"fr": ["NATO"]}}
    assert any("both are NATO" in problem for problem in problems([NATO, rival]))
    rival["names"] = {"*": ["NATO"]}
    assert any("both are NATO" in problem for problem in problems([NATO, rival]))


def test_an_id_is_used_once() -> None:
    """An id is what joins the articles about one thing."""
    assert any("used twice" in problem for problem in problems([NATO, {**NATO, "name": "Otan"}]))


def test_a_language_without_names_of_its_own_uses_the_english_ones() -> None:
    """Danish and Swedish news write WHO; French news do not."""
    who = named("World Health Organization")
    assert "WHO" in who.acronyms_in("da")
    assert who.acronyms_in("fr") == ("OMS",)
    assert who.forms("fr")[0] == "Organisation mondiale de la santé"
    assert "World Health Organization" in who.forms("fr")
    assert "World Health Organisation" not in who.forms("fr")


def test_a_record_holds_between_its_dates() -> None:
    """A bank that is gone is not meant by an article of today."""
    bank = named("Credit Suisse")
    assert bank.holds_on(date(2023, 3, 19))
    assert not bank.holds_on(date(2025, 1, 1))
    assert named("Reuters").holds_on(date(1900, 1, 1))


def test_spellings_of_one_person_in_many_languages_meet_in_one_record() -> None:
    """Articles in different languages join by this."""
    zelensky = next(record for record in load() if record.id == "wikidata:Q3874799")
    usual = {
        "de": "Wolodymyr Selenskyj",
        "es": "Volodímir Zelenski",
        "uk": "Володимир Зеленський",
        "zh": "泽连斯基",
    }
    assert {language: zelensky.forms(language)[0] for language in usual} == usual
    assert zelensky.bare_in("de")[:2] == ("Selenskyj", "Selenski")


def test_a_wikidata_number_is_read_from_the_id() -> None:
    """The link to Wikidata is the id itself, or there is none."""
    assert named("NATO").wikidata == "Q7184"
    assert named("Greenpeace").wikidata is None
