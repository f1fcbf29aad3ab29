"""The topic hierarchy that channels are defined with."""

from __future__ import annotations

from newsfeed import vocabulary


def test_there_are_seventeen_top_level_topics() -> None:
    """The IPTC has kept this number since 2010."""
    assert len(vocabulary.top_level()) == 17


def test_every_topic_leads_to_a_top_level_topic() -> None:
    """A channel on a top topic must take everything below it."""
    below = [topic for topic in vocabulary.topic_ids() if topic not in vocabulary.top_level()]

    assert all(set(vocabulary.ancestors(topic)) & set(vocabulary.top_level()) for topic in below)
    assert vocabulary.ancestors("medtop:20000058") == ("medtop:20000056", "medtop:16000000")


def test_labels_fall_back_to_english_and_to_the_id() -> None:
    """A page in any language shows something readable."""
    assert vocabulary.label("medtop:15000000") == "sport"
    assert vocabulary.label("medtop:20000058", "fr") == "Intervention militaire internationale"
    assert vocabulary.label("medtop:15000000", "xx") == "sport"
    assert vocabulary.label("medtop:00000000") == "medtop:00000000"
