"""Our own sentences in every language, against the floors that `make quality` pins."""

from __future__ import annotations

from quality import floors
from quality.entities import own
from services.enrich.recognition.builtin import BuiltinRecogniser


def test_our_own_sentences_are_read_as_well_as_before() -> None:
    """The data sets are not everywhere; these sentences are."""
    known = floors.read()

    troubles = {one.name: floors.trouble(one, known) for one in own(BuiltinRecogniser.load())}

    assert troubles
    assert not {name: trouble for name, trouble in troubles.items() if trouble}
