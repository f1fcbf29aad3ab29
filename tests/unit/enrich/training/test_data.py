"""What the entity model learns from and is judged on holds together."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from services.enrich.text import tokenise
from services.enrich.training import marked
from services.enrich.training.slots import SLOT, Names
from tools.build_dev_sets import DEV, build, target

TRAINING = DEV.parent
LANGUAGES = sorted(path.stem for path in (TRAINING / "templates").glob("*.txt"))
TEMPLATES = sorted((TRAINING / "templates").rglob("*.txt"))
DEV_SETS = sorted(DEV.glob("*.txt"))
HELD_OUT = 0.3


def names(language: str) -> Names:
    return Names(TRAINING / "names" / language)


def language_of(path: Path) -> str:
    return path.stem.split("-")[0]


def surfaces(path: Path) -> set[str]:
    """The names that a development set marks."""
    found = (marked.read(line) for line in marked.lines(path))
    return {text[start:end] for text, spans in found for start, end, _ in spans}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(TRAINING).as_posix())
def test_every_template_fills_into_whole_tokens(path: Path) -> None:
    """A slot that no list fills, or a name that the tokeniser cuts in two, would stop a training."""
    known = names(path.stem)
    for line in marked.lines(path):
        for seed in range(3):
            assert marked.tag(known.fill(line, Random(seed)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_of_a_list_is_made_of_whole_tokens(language: str) -> None:
    """A template meets only a few of the names, so each is tried by itself."""
    known = names(language)
    for filled in known.all_forms():
        assert marked.tag(filled)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(TRAINING).as_posix())
def test_no_template_stands_twice(path: Path) -> None:
    lines = list(marked.lines(path))
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize("path", DEV_SETS, ids=lambda path: path.name)
def test_the_stored_tokens_are_those_of_the_tokeniser(path: Path) -> None:
    """After a change of the tokeniser the sets are built anew, or scores would compare unlike things."""
    assert target(path).read_text(encoding="utf-8") == build(path)


@pytest.mark.parametrize("path", DEV_SETS, ids=lambda path: path.name)
def test_a_line_is_a_text_of_its_own(path: Path) -> None:
    """No sentence stands twice, and none is a template."""
    texts = [marked.read(line).text for line in marked.lines(path)]
    assert len(texts) == len(set(texts))
    templates = TRAINING / "templates" / f"{language_of(path)}.txt"
    plain = {SLOT.sub("", line) for line in marked.lines(templates)}
    assert plain.isdisjoint(texts)


@pytest.mark.parametrize("path", DEV_SETS, ids=lambda path: path.name)
def test_names_are_held_out(path: Path) -> None:
    """A set whose names are all in the lists would tell how well lists are learnt by heart."""
    known = names(language_of(path)).plain()
    seen = surfaces(path)
    assert len([name for name in seen if name not in known]) / len(seen) >= HELD_OUT


@pytest.mark.parametrize("path", DEV_SETS, ids=lambda path: path.name)
def test_a_name_is_not_followed_by_itself(path: Path) -> None:
    """Marks that touch are one name by mistake: ``[Emmanuel|PER][Macron|PER]``."""
    for line in marked.lines(path):
        spans = marked.read(line).names
        assert all(first[1] < second[0] for first, second in pairwise(spans))


def test_a_marked_line_becomes_tokens_with_tags() -> None:
    tagged = marked.tag("L'[Union européenne|ORG] à [Lyon|LOC].")
    assert tagged == [
        ("L'", "O"),
        ("Union", "B-ORG"),
        ("européenne", "I-ORG"),
        ("à", "O"),
        ("Lyon", "B-LOC"),
        (".", "O"),
    ]


@pytest.mark.parametrize("line", ["Le [maire|MISC] parle.", "Le [maire] parle.", "[Lyon|LOC", "a|b"])
def test_a_mark_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="mark is not"):
        marked.tag(line)


def test_a_name_that_ends_inside_a_token_is_refused() -> None:
    with pytest.raises(ValueError, match="whole tokens"):
        marked.tag("Les [Lyon|LOC]nais")


def test_a_line_that_does_not_fill_every_slot_is_refused(tmp_path: Path) -> None:
    tmp_path.joinpath("cities.txt").write_text("# type: LOC\n# slots: V deV\nLyon\n", encoding="utf-8")
    with pytest.raises(ValueError, match="does not fill"):
        Names(tmp_path)


def test_what_is_around_a_name_stays_outside(tmp_path: Path) -> None:
    """Articles, prepositions and clitics are words of the sentence; another case is the name."""
    head = "# type: LOC\n# slots: C inC C:gen\n"
    tmp_path.joinpath("countries.txt").write_text(f"{head}Frank|in der ~'da|Franks\n", encoding="utf-8")
    filled = Names(tmp_path).fill("{inC}, {C}, {C:gen}, {InC}", Random(0))
    assert filled == "In der [Frank|LOC]'da, [Frank|LOC], [Franks|LOC], In der [Frank|LOC]'da"


def test_a_full_name_takes_its_case_in_both_parts(tmp_path: Path) -> None:
    given = "# type: PER\n# slots: P P:gen deP\n# then: surnames\nAnna|Anny|d'~\n"
    tmp_path.joinpath("given.txt").write_text(given, encoding="utf-8")
    tmp_path.joinpath("surnames.txt").write_text(
        "# type: PER\n# slots: N N:gen\nLis|Lisa\n", encoding="utf-8"
    )
    filled = Names(tmp_path).fill("{P} {P:gen} {deP}", Random(0))
    assert filled == "[Anna Lis|PER] [Anny Lisa|PER] d'[Anna Lis|PER]"


def test_an_ending_after_a_full_name_stays_outside(tmp_path: Path) -> None:
    """Turkish writes the case after the surname and an apostrophe: ``Orhan Pamuk'a``."""
    given = "# type: PER\n# slots: P P:dat\n# then: surnames\nOrhan|Orhan\n"
    tmp_path.joinpath("given.txt").write_text(given, encoding="utf-8")
    surnames = "# type: PER\n# slots: N N:dat\nPamuk|~'a\n"
    tmp_path.joinpath("surnames.txt").write_text(surnames, encoding="utf-8")
    assert Names(tmp_path).fill("{P} {P:dat}", Random(0)) == "[Orhan Pamuk|PER] [Orhan Pamuk|PER]'a"


def test_the_first_letter_is_a_capital_even_in_a_name(tmp_path: Path) -> None:
    tmp_path.joinpath("words.txt").write_text("# slots: jour\nlundi\n", encoding="utf-8")
    assert Names(tmp_path).fill("{jour}, enfin", Random(0)) == "Lundi, enfin"


def test_every_sentence_of_a_set_begins_like_one() -> None:
    """The first token opens a sentence, as the recogniser will see it."""
    for path in DEV_SETS:
        for line in marked.lines(path):
            assert tokenise(marked.read(line).text)[0].opens
