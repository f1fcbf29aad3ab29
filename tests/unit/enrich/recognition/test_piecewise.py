"""A text in pieces that an engine can take, with nothing lost between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.enrich.recognition.aligning import Claim
from services.enrich.recognition.piecewise import OVERLAP, Piece, pieces, recognise_in_pieces
from services.enrich.text import Token, tokenise

SENTENCE = "Anna Lind a quitté Oslo lundi. "


def cut(text: str, size: int) -> list[Piece]:
    return list(pieces(text, tokenise(text), lambda piece: len(piece) <= size))


def read(text: str, tokens: list[Token], piece: Piece) -> str:
    return text[tokens[piece.first].start : tokens[piece.last - 1].end]


def people(piece: str) -> Iterator[Claim]:
    """Whoever is whole in the piece."""
    at = piece.find("Anna Lind")
    while at >= 0:
        yield Claim(at, at + 9, "PER", 0.9)
        at = piece.find("Anna Lind", at + 9)


def test_a_text_that_fits_is_one_piece() -> None:
    assert cut(SENTENCE, 40) == [Piece(0, 7, 0, 7)]


def test_a_text_without_tokens_has_no_piece() -> None:
    assert cut(" \n", 40) == []


def test_a_text_is_cut_between_sentences_if_it_can_be() -> None:
    """Nothing is read twice then."""
    assert cut(SENTENCE * 3, 62) == [Piece(0, 7, 0, 7), Piece(7, 21, 7, 21)]


def test_a_line_of_one_word_is_a_sentence() -> None:
    assert [(piece.first, piece.last) for piece in cut("Oslo\n« Paris\nOslo Paris", 10)] == [
        (0, 1),
        (1, 3),
        (3, 5),
    ]


def test_a_cut_is_not_behind_a_short_form() -> None:
    text = "Le 3 mai, Mme. Lind a parlé. Elle est partie."
    tokens = tokenise(text)

    texts = [read(text, tokens, piece) for piece in cut(text, 30)]

    assert texts == ["Le 3 mai, Mme. Lind a parlé.", "Elle est partie."]


@pytest.mark.parametrize("size", [1, 2, 9, 40, 100, 300, 5_000])
@pytest.mark.parametrize("text", [SENTENCE * 30, "Anna Lind, " * 200, "東京都知事" * 60, "Oslo\n" * 90])
def test_every_token_is_told_by_one_piece_that_fits(text: str, size: int) -> None:
    tokens = tokenise(text)

    told = cut(text, size)

    owned = [at for piece in told for at in range(piece.begin, piece.end)]
    assert owned == [at for at, token in enumerate(tokens) if len(token.text) <= size]
    assert all(len(read(text, tokens, piece)) <= size for piece in told)
    assert all(piece.first <= piece.begin < piece.end <= piece.last for piece in told)


def test_the_halves_of_a_sentence_overlap() -> None:
    text = "mot " * 400

    first, second, *_ = cut(text, 500)

    assert first.last - first.end == OVERLAP == second.begin - second.first


def test_a_word_that_never_fits_is_left_out_and_its_neighbours_are_not() -> None:
    text = f"Anna Lind a dit {'a' * 100_000} à Anna Lind"
    tokens = tokenise(text)

    found = recognise_in_pieces(text, tokens, lambda piece: len(piece) <= 40, people)

    assert [(one.start, one.end) for one in found] == [(0, 9), (len(text) - 9, len(text))]


def test_a_name_at_a_seam_is_told_once_and_whole() -> None:
    text = "Anna Lind, " * 300
    tokens = tokenise(text)

    found = recognise_in_pieces(text, tokens, lambda piece: len(piece) <= 400, people)

    assert [one.start for one in found] == [*range(0, len(text), 11)]
    assert {one.end - one.start for one in found} == {9}


def test_half_a_pair_of_surrogates_is_shown_as_a_sign_of_its_own() -> None:
    """No library can write it; every place stays where it was."""
    shown: list[str] = []
    text = "\ud800 Anna Lind \udfff"

    def find(piece: str) -> Iterator[Claim]:
        shown.append(piece)
        return people(piece)

    [found] = recognise_in_pieces(text, tokenise(text), bool, find)

    assert shown == ["\ufffd Anna Lind \ufffd"]
    assert (found.start, found.end) == (2, 11)
