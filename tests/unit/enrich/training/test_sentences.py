"""What the model is trained on: names replaced, sentences recased, historic French made modern."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from services.enrich.training.calibration import error, fitted
from services.enrich.training.casing import recased
from services.enrich.training.corpora import Corpus, Sentence, read
from services.enrich.training.french import normalised
from services.enrich.training.pools import Pool
from services.enrich.training.replacement import Replacer
from services.enrich.training.scoring import compare
from services.enrich.training.silver import _penalty, _read
from services.enrich.training.written import aligned

POOL = Pool(
    given=("Aino", "Ewa"),
    surnames=("Okello", "Urbain"),
    territories=(("Estonie",), ("Mali",)),
    capitals=(("Oslo",), ("Tunis",)),
    towns=(("Arles",), ("Metz",)),
    seen_places=(("Alpes",),),
    bodies=(("Unesco",), ("Banque", "mondiale")),
)


def sentence(
    text: str, *spans: tuple[int, int, str], family: str = "modern", language: str = "fr"
) -> Sentence:
    return Sentence(tuple(text.split()), spans, language, family)


def test_a_data_set_is_read_with_our_labels(tmp_path: Path) -> None:
    path = tmp_path / "en-x.iob2.tsv"
    path.write_text(
        "Ann\tB-politician\nLee\tI-politician\nsaw\tO\nit\tB-field\n\nthe\tO\nman\tB-PERSON\n",
        encoding="utf-8",
    )

    found = read(Corpus("uner/en-x", path))

    assert [one.spans for one in found] == [((0, 2, "PER"),), ()]
    assert {(one.language, one.family) for one in found} == {("en", "modern")}


def test_historic_french_is_cut_as_modern_french() -> None:
    old = sentence("M . Martin et le général Ney , d ' Angers", (0, 3, "PER"), (4, 7, "PER"), (10, 11, "LOC"))

    new = normalised(old)

    assert new.words == ("M.", "Martin", "et", "le", "général", "Ney", ",", "d'", "Angers")
    assert new.spans == ((1, 2, "PER"), (5, 6, "PER"), (8, 9, "LOC"))


def test_names_are_replaced_and_stay_where_they_are() -> None:
    replacer = Replacer(POOL, [POOL], Random(1))
    old = sentence("Hier Jean Petit a quitté la Banque postale", (1, 3, "PER"), (6, 8, "ORG"))

    for _ in range(50):
        new = replacer(old, 1.0)
        (first, last, _), (begin, end, _) = new.spans
        assert new.words[:1] + new.words[last:begin] + new.words[end:] == ("Hier", "a", "quitté", "la")
        assert [label for _, _, label in new.spans] == ["PER", "ORG"]
        assert new.words[first:last] != ("Jean", "Petit")


def test_only_a_vowel_follows_an_elision() -> None:
    replacer = Replacer(POOL, [POOL], Random(2))
    old = sentence("le maire d' Angers", (3, 4, "LOC"))

    assert {replacer(old, 1.0).words[3][0] for _ in range(60)} <= set("AEO")


def test_a_recased_sentence_keeps_its_names() -> None:
    old = sentence("Le maire de Metz parle", (3, 4, "LOC"))
    draw = Random(3)

    seen = {recased(old, draw).words for _ in range(300)}

    assert seen == {
        old.words,
        ("LE", "MAIRE", "DE", "METZ", "PARLE"),
        ("Le", "Maire", "De", "Metz", "Parle"),
        ("le", "maire", "de", "Metz", "parle"),
    }


def test_a_sentence_whose_names_are_no_words_is_left_out() -> None:
    """Half a name that is told to be none teaches the wrong thing."""
    assert not list(aligned("Le duel [Muller|PER]-[Novak|PER] commence.", "fr"))
    assert [one.spans for one in aligned("Selon [Jean-Luc Muller|PER], oui.", "fr")] == [((1, 3, "PER"),)]


def test_a_treebank_is_read_by_surface_words(tmp_path: Path) -> None:
    path = tmp_path / "x.conllu"
    rows = [
        "# sent_id = fr-1",
        "1\tVue\tvue\tNOUN",
        "2-3\tdu\t_\t_",
        "2\tde\tde\tADP",
        "3\tle\tle\tDET",
        "4\tMans\tMans\tPROPN",
    ]
    path.write_text("\n".join([*rows, "", ""]), encoding="utf-8")

    assert [[tuple(one) for one in found] for found in _read(path)] == [
        [("Vue", "NOUN"), ("du", "_"), ("Mans", "PROPN")]
    ]


@pytest.mark.parametrize(
    ("word", "tag", "penalty"), [("Paris", "NOUN", 0.5), ("Xi", "X", 0.0), ("et", "CCONJ", 1.0)]
)
def test_a_word_that_is_no_proper_noun_is_less_likely_a_name(word: str, tag: str, penalty: float) -> None:
    assert _penalty(word, tag) == penalty


def test_scores_count_bounds_and_types() -> None:
    found = compare([[(0, 2, "PER"), (5, 6, "LOC")]], [[(0, 2, "ORG"), (5, 6, "LOC"), (8, 9, "MISC")]])

    assert found["all"].f == 0.5
    assert found["untyped"].f == 1.0
    assert found["LOC"].f == 1.0
    assert found["PER"].f == 0.0


def test_confidence_is_calibrated() -> None:
    draw = Random(4)
    seen = [(odds, draw.random() < 0.6) for odds in (draw.uniform(1, 5) for _ in range(4000))]

    line = fitted(seen)

    assert error(seen, line) < 0.03
    assert error(seen, (1.0, 0.0)) > 0.2
