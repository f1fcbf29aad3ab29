"""Which language wins: the detected, the declared, or the one the script allows."""

from __future__ import annotations

import pytest

from services.enrich.language import identify, primary_subtag

ENGLISH = "The committee will publish its findings on the new harbour before the end of the month."


@pytest.mark.parametrize(
    ("text", "declared", "code", "method"),
    [
        (ENGLISH, None, "en", "detected"),
        (ENGLISH, "en-GB", "en", "detected"),
        (ENGLISH, "fr", "en", "detected"),
        ("Hello world", "fr-FR", "fr", "declared"),
        ("Правительство объявило о новых мерах поддержки семей", "en", "ru", "detected"),
        ("政府は新しい支援策を発表した。", "zh", "ja", "script"),
        ("정부는 새로운 지원책을 발표했다", None, "ko", "script"),
        ("政府宣布了新的措施。", None, "zh", "script"),
        ("Η κυβέρνηση ανακοίνωσε μέτρα", "en", "el", "script"),
        ("12345 !!", "de", "de", "declared"),
        ("12345 !!", None, "und", "none"),
        ("", None, "und", "none"),
    ],
)
def test_the_most_reliable_witness_wins(text: str, declared: str | None, code: str, method: str) -> None:
    """Declared tags are often a template's default, and short texts often fool the detector."""
    found = identify(text, declared)

    assert (found.code, found.method) == (code, method)


@pytest.mark.parametrize(
    ("declared", "subtag"),
    [
        ("fr-FR", "fr"),
        ("FR_fr", "fr"),
        ("und", None),
        ("", None),
        (None, None),
        ("français", None),
        ("iw", "he"),
    ],
)
def test_declared_tags_are_read_leniently(declared: str | None, subtag: str | None) -> None:
    """Feeds write what they like."""
    assert primary_subtag(declared) == subtag
