"""Messages with signed header lines as Australian agencies send them."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.ingest.article import ReadingHint, Rejection
from services.ingest.sniffing import read_seed

SAMPLE = (Path(__file__).parent / "samples" / "zczc-australian.txt").read_bytes()


def test_every_message_is_an_article() -> None:
    """With what its header lines say, and none of them in its text."""
    reading = read_seed(SAMPLE, ReadingHint(file_name="a.tst"))
    first, second = reading.articles

    assert reading.format == "zczc"
    assert (first.document.title, first.document.slug) == ("Ferry back after nine months", "Ferry")
    assert first.document.body == "The ferry is back.\n\nIt runs hourly."
    assert (first.topics, first.document.keywords) == (("medtop:15000000",), ("subj:15030000",))
    assert (second.document.title, second.document.body) == ("Goat takes the ferry", "A goat took the ferry.")


@pytest.mark.parametrize(
    ("head", "title", "slug"),
    [
        ("#Ferry\n@Port Ellis\n:Times of the ferry", "Times of the ferry", "Ferry"),
        ("%12\n:Ferry back", "Ferry back", None),
        (":Ferry\n=Port Ellis", "Ferry Port Ellis", "Ferry"),
    ],
)
def test_signs_mean_what_stands_beside_them(head: str, title: str, slug: str | None) -> None:
    """A colon is the headline of those who have no caret."""
    (article,) = read_seed(f"ZCZC\n{head}\nIt runs.\n".encode(), ReadingHint()).articles

    assert (article.document.title, article.document.slug, article.document.body) == (title, slug, "It runs.")


def test_lines_may_end_as_on_other_machines() -> None:
    assert read_seed(SAMPLE.replace(b"\n", b"\r\n"), ReadingHint()).format == "zczc"


def test_other_messages_are_left_to_others() -> None:
    """Neither a telegram of another standard nor a text is taken for one, and none without a text is news."""
    assert read_seed(b"ZCZC\nFerry back\n\nIt runs.\n", ReadingHint()).format == "text"
    with pytest.raises(Rejection) as caught:
        read_seed(b"ZCZC\n$S\n&A\nNNNN\n", ReadingHint())
    assert caught.value.reason == "no_text"
