"""Plain text: what is a headline, a paragraph, a cross-heading, a byline, a dateline."""

from __future__ import annotations

import pytest

from newsfeed.documents import ArticleDocument, Dateline
from services.ingest.article import ReadingHint, Rejection
from services.ingest.formats import plain

NO_HEADLINE = """\
La mairie de Valbourg, que dirige Anne Delmas, a confirmé que le pont "du Moulin" fermera en septembre \
au plus tard, et pour deux ans entiers.
Le maire a expliqué dans une lettre que les travaux dureront deux ans et coûteront M. Petit 3.5 millions.
* Un chantier en deux temps
Les équipes commenceront par la rive droite, a précisé le service des ponts.
* Une facture : qui paie
La région prendra la moitié des frais à sa charge.
"""


def read(text: str, **hint: str) -> ArticleDocument:
    return plain.parse(text.encode(), ReadingHint(**hint)).articles[0].document


def test_a_text_without_a_headline_takes_its_first_sentence_cut_at_a_word() -> None:
    document = read(NO_HEADLINE)

    assert document.title_derived
    assert len(document.title) <= 120
    assert document.title.endswith("…")
    assert NO_HEADLINE.startswith(document.title.removesuffix("…") + " ")


def test_each_long_line_is_a_paragraph_and_lone_stars_are_cross_headings() -> None:
    document = read(NO_HEADLINE)

    paragraphs = document.body.split("\n\n")
    assert len(paragraphs) == 6
    assert document.headings == (2, 4)
    assert [paragraphs[index] for index in document.headings] == [
        "Un chantier en deux temps",
        "Une facture : qui paie",
    ]


def test_several_stars_in_a_row_are_a_list_and_no_headings() -> None:
    assert (
        read("Votes\n\nThe council voted for:\n* a new bridge\n* a new school\nIt met late.\n").headings == ()
    )


def test_a_first_line_before_a_blank_line_is_the_headline() -> None:
    document = read("Ferry Runs Again\n\nThe ferry is back. It runs hourly.\n")

    assert (document.title, document.title_derived) == ("Ferry Runs Again", False)
    assert document.body == "The ferry is back. It runs hourly."


def test_a_headline_may_end_with_an_abbreviation_but_not_with_a_sentence() -> None:
    assert not read("Tariff talks stall in U.S.\n\nThey will go on.").title_derived
    assert read("The tariff talks stalled today.\n\nThey will go on.").title_derived


def test_a_headline_wrapped_on_two_lines_is_one() -> None:
    headline = (
        "Ferry between the two islands runs again after a\nwinter of repairs to both of its old engines"
    )

    assert read(headline + "\n\nThe ferry is back.").title == headline.replace("\n", " ")


def test_hard_wrapped_lines_are_joined_and_their_first_line_is_no_headline() -> None:
    wrapped = (
        "The ferry between the two islands is back in service after a long\n"
        "winter in which both of its engines were taken out, cleaned and put\n"
        "back by the yard, the company said on Monday.\n\nIt runs hourly.\n"
    )
    document = read(wrapped)

    assert document.title_derived
    assert document.body.split("\n\n") == [wrapped.split("\n\n", 1)[0].replace("\n", " "), "It runs hourly."]


def test_indented_lines_open_paragraphs() -> None:
    document = read(
        "Ferry back\n\n   The ferry is back in service after a winter.\n   It runs hourly.\nNightly too.\n"
    )

    assert document.body == "The ferry is back in service after a winter.\n\nIt runs hourly.\n\nNightly too."


@pytest.mark.parametrize(
    ("line", "place", "date", "agency"),
    [
        ("PORT ELLIS (NCN) — The ferry is back.", "PORT ELLIS", None, "NCN"),
        ("Berlin (ncn/lw) - Die Fähre fährt.", "Berlin", None, "ncn/lw"),
        ("PORT ELLIS, 12 March (NCN) - The ferry is back.", "PORT ELLIS", "12 March", "NCN"),
        ("PORT ELLIS, March 12, 2024 (NCN) -- The ferry is back.", "PORT ELLIS", "March 12, 2024", "NCN"),
        ("МОСКВА, 12 марта. /НОВ/. Паром вернулся.", "МОСКВА", "12 марта", "НОВ"),
        ("SAINT-LOUP – Le bac est de retour.", "SAINT-LOUP", None, None),
    ],
)
def test_a_dateline_is_lifted_out_of_the_body(
    line: str, place: str, date: str | None, agency: str | None
) -> None:
    document = read(f"Ferry\n\n{line}\n")

    assert document.dateline == Dateline(place=place, date=date, agency=agency)
    assert line.endswith(document.body)
    assert place not in document.body


@pytest.mark.parametrize(
    "line", ["NATO - the alliance - met.", "EXCLUSIVE - the ferry is back.", "Well - it is back."]
)
def test_a_capital_word_and_a_dash_are_no_dateline(line: str) -> None:
    assert read(f"Ferry\n\n{line}\n").dateline is None


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("By ANN LEE", ("ANN LEE",)),
        ("By Ann Lee and Bo van der Berg, NCN", ("Ann Lee", "Bo van der Berg")),
        ("Par Jean-Luc Orme", ("Jean-Luc Orme",)),
        ("Von Eva Klein und Tom Groß", ("Eva Klein", "Tom Groß")),
        ("Por Inés Vega", ("Inés Vega",)),
        ("Di Sara Neri", ("Sara Neri",)),
        ("Door Piet de Wit", ("Piet de Wit",)),
        ("記者：山田太郎", ("山田太郎",)),
    ],
)
def test_a_byline_is_lifted_out_of_the_body(line: str, authors: tuple[str, ...]) -> None:
    document = read(f"Ferry\n\n{line}\n\nThe ferry is back.\n")

    assert document.authors == authors
    assert document.body == "The ferry is back."


@pytest.mark.parametrize(
    "line", ["By Monday the ferry was back", "Por la tarde vuelve el barco", "By then it ran again."]
)
def test_a_sentence_that_begins_like_a_byline_stays(line: str) -> None:
    assert line in read(f"Ferry\n\n{line}\n\nThe ferry is back.\n").body


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("渡し船が戻った。毎時運航する。", "渡し船が戻った。"),
        ("عادت العبارة۔ تعمل كل ساعة۔", "عادت العبارة۔"),
        ("Is it back? Yes, it is.", "Is it back?"),
        ("“It is back.” So said Dr. A. B. Lee.", "“It is back.”"),
        ("Dr. A. B. Lee paid 3.5 million. It is back.", "Dr. A. B. Lee paid 3.5 million."),
        ("Am 3. Juli fuhr sie wieder. Sie fährt.", "Am 3. Juli fuhr sie wieder."),
        ("“Back!” she said. They cheered.", "“Back!” she said."),
    ],
)
def test_the_first_sentence_ends_where_a_reader_would_say(text: str, title: str) -> None:
    assert read(text).title == title


def test_a_script_without_spaces_is_cut_at_120_characters() -> None:
    assert len(read("渡" * 300 + "。").title) == 120


def test_a_headline_alone_is_an_article() -> None:
    assert read("Ferry back in service").text == "Ferry back in service"


def test_a_file_of_markers_has_no_text() -> None:
    with pytest.raises(Rejection, match="no_text"):
        read("***\n\n---\n")


@pytest.mark.no_cover
@pytest.mark.parametrize("unit", ["M. ", "A-", "U.S.A. (", "a.b!c? ", "* x\n", "PARIS, ", "By Ann "])
def test_a_megabyte_of_near_misses_is_read_in_linear_time(unit: str) -> None:
    """Each unit begins something; a quadratic search would overrun the limit of the test."""
    assert read(unit * (1_000_000 // len(unit))).title
