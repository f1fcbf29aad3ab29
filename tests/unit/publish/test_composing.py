"""What a digest says: the rules of a window, one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from newsfeed.channels import Channel
from newsfeed.testing.builders import (
    START_AT,
    document,
    enrichment,
    ingested,
    revised,
    sha256_of,
    withdrawn,
)
from newsfeed.values import Range, Window
from services.publish.candidates import Candidate, Delivered, Withdrawal
from services.publish.composing import compose, facts_of
from services.publish.digests import Digest

MakeCandidate = Callable[..., Candidate]
Told = Callable[[int, int, str | None], Delivered]

POLITICS = "medtop:11000000"
OFF_TOPIC = enrichment("de")
WINDOW = Window(
    opened_at=START_AT,
    closed_at=START_AT + timedelta(seconds=10),
    ranges=(Range(partition=0, after=0, through=9),),
)
WINDOW_ID = "1772323210000-0"


def _channel(**fields: object) -> Channel:
    return Channel.model_validate(
        {"name": "desk", "title": "Desk", "every_seconds": 10, "languages": ["en"], **fields}
    )


def _digest(
    candidates: Sequence[Candidate] = (),
    withdrawals: Sequence[Withdrawal] = (),
    delivered: Mapping[str, Delivered] | None = None,
    channel: Channel | None = None,
) -> Digest | None:
    return compose(
        channel or _channel(), 5, WINDOW_ID, WINDOW, candidates, withdrawals, delivered or {}, lambda _: ()
    )


def _said(digest: Digest | None) -> list[tuple[str, str, int]]:
    """What a digest says in short: kind, article and version, in its order."""
    if digest is None:
        return []
    notices = [(notice.kind, notice.article_id, notice.version) for notice in digest.notices]
    return [*notices, *(("item", item.article_id, item.version) for item in digest.items)]


def _gone(version: int, article_id: str = "article-1") -> Withdrawal:
    return Withdrawal(withdrawn(article_id, version, version), partition=0)


def test_an_article_is_an_item_once_with_its_newest_version(candidate: MakeCandidate) -> None:
    """However often it was revised in the window, and in whatever order the versions come."""
    versions = [
        candidate(revised(version=3), position=4),
        candidate(ingested(), position=9),
        candidate(revised(version=2), position=5),
    ]

    assert _said(_digest(versions)) == [("item", "article-1", 3)]


def test_a_version_that_was_enriched_twice_counts_with_the_newer_enrichment(candidate: MakeCandidate) -> None:
    """A better engine may change its mind on where an article belongs."""
    better = candidate(ingested(), found=enrichment("en"), position=8)
    worse = candidate(ingested(), found=OFF_TOPIC, position=4)

    assert _said(_digest([better, worse])) == [("item", "article-1", 1)]


def test_only_the_newest_version_is_asked_whether_it_belongs(candidate: MakeCandidate) -> None:
    """A version that left the topic before the digest closed is no news of the channel."""
    assert _said(_digest([candidate(ingested()), candidate(revised(), found=OFF_TOPIC)])) == []


def test_a_replay_of_a_delivered_version_is_ignored(candidate: MakeCandidate, told: Told) -> None:
    """An enrichment done again must not bring an old article out again."""
    known = {"article-1": told(4, 2, sha256_of("new text"))}

    assert _said(_digest([candidate(revised(version=2))], delivered=known)) == []
    assert _said(_digest([candidate(ingested())], delivered=known)) == []


def test_another_text_of_a_delivered_article_is_a_correction(candidate: MakeCandidate, told: Told) -> None:
    """It names the digest and the version that it corrects, and is no item a second time."""
    digest = _digest(
        [candidate(revised(version=3), document("New title"))],
        delivered={"article-1": told(4, 1, sha256_of("text"))},
    )

    assert digest is not None
    assert _said(digest) == [("correction", "article-1", 3)]
    assert digest.notices[0].corrects.model_dump() == {"digest": 4, "version": 1}
    assert digest.notices[0].title == "New title"


def test_a_correction_is_due_even_if_the_article_left_the_channel(
    candidate: MakeCandidate, told: Told
) -> None:
    """Its readers were told the old text."""
    known = {"article-1": told(4, 1, sha256_of("text"))}

    assert _said(_digest([candidate(revised(), found=OFF_TOPIC)], delivered=known)) == [
        ("correction", "article-1", 2)
    ]


def test_a_newer_version_with_the_delivered_text_is_silent(candidate: MakeCandidate, told: Told) -> None:
    """Readers see texts, not version numbers."""
    known = {"article-1": told(4, 1, sha256_of("text"))}

    assert _digest([candidate(revised(version=2, content="text"))], delivered=known) is None


def test_a_correction_taken_back_within_the_window_is_silent(candidate: MakeCandidate, told: Told) -> None:
    """What stands at the close is what was delivered."""
    known = {"article-1": told(4, 1, sha256_of("text"))}
    versions = [candidate(revised(version=2)), candidate(revised(version=3, content="text"))]

    assert _digest(versions, delivered=known) is None


def test_a_delivered_article_that_is_withdrawn_is_retracted(told: Told) -> None:
    """No title: it was taken back for a reason."""
    digest = _digest(withdrawals=[_gone(2)], delivered={"article-1": told(4, 1, sha256_of("text"))})

    assert digest is not None
    assert _said(digest) == [("retraction", "article-1", 2)]
    assert (digest.notices[0].title, digest.notices[0].corrects.digest) == (None, 4)


def test_a_retraction_is_told_once(told: Told) -> None:
    """A withdrawal seen again changes nothing."""
    assert _digest(withdrawals=[_gone(2)], delivered={"article-1": told(5, 2, None)}) is None


def test_an_article_born_and_killed_in_one_window_is_never_mentioned(candidate: MakeCandidate) -> None:
    """Nobody was told of it."""
    assert _digest([candidate(ingested())], [_gone(2)]) is None


def test_an_enrichment_after_the_withdrawal_brings_nothing_out(candidate: MakeCandidate) -> None:
    """Enrichment is slow; a withdrawal of an earlier window still holds."""
    assert _digest([candidate(ingested(), position=9)], [_gone(2)]) is None


def test_an_article_that_came_back_is_alive_with_its_newest_version(
    candidate: MakeCandidate, told: Told
) -> None:
    """Withdrawn and then revised: new readers get the item, old ones the correction."""
    versions = [candidate(ingested()), candidate(revised(version=3))]

    assert _said(_digest(versions, [_gone(2)])) == [("item", "article-1", 3)]
    assert _said(_digest(versions, [_gone(2)], {"article-1": told(4, 1, sha256_of("text"))})) == [
        ("correction", "article-1", 3)
    ]


def test_an_article_that_comes_back_after_its_retraction_is_an_item_again(
    candidate: MakeCandidate, told: Told
) -> None:
    """Its readers were told that it is gone; versions before the retraction stay gone."""
    known = {"article-1": told(4, 2, None)}

    assert _said(_digest([candidate(revised(version=3))], delivered=known)) == [("item", "article-1", 3)]
    assert _digest([candidate(ingested())], delivered=known) is None


def test_retractions_come_first_then_corrections_by_article(candidate: MakeCandidate, told: Told) -> None:
    """What was wrong matters more than what is new."""
    known = {article_id: told(4, 1, sha256_of("text")) for article_id in "abcd"}
    changed = [candidate(revised("c")), candidate(revised("a")), candidate(ingested("z"))]

    assert _said(_digest(changed, [_gone(2, "d"), _gone(2, "b")], known)) == [
        ("retraction", "b", 2),
        ("retraction", "d", 2),
        ("correction", "a", 2),
        ("correction", "c", 2),
        ("item", "z", 1),
    ]


def test_items_are_ordered_by_score_then_date_then_id(candidate: MakeCandidate) -> None:
    """Articles without a date come after those with one."""
    late, early = START_AT + timedelta(hours=2), START_AT + timedelta(hours=1)
    topic = {score: enrichment(topics={POLITICS: score}) for score in (0.9, 0.5)}
    candidates = [
        candidate(ingested("no-date-b"), found=topic[0.5]),
        candidate(ingested("no-date-a"), found=topic[0.5]),
        candidate(ingested("early", published_at=early), found=topic[0.5]),
        candidate(ingested("late", published_at=late), found=topic[0.5]),
        candidate(ingested("best"), found=topic[0.9]),
    ]
    digest = _digest(candidates, channel=_channel(topics=[POLITICS]))

    assert digest is not None
    assert [item.article_id for item in digest.items] == ["best", "late", "early", "no-date-a", "no-date-b"]


def test_what_is_beyond_max_items_is_counted_and_counts_as_delivered(candidate: MakeCandidate) -> None:
    """Else a busy day would push its rest into the next digest, and that one's into the next."""
    candidates = [candidate(ingested(article_id)) for article_id in "dabc"]
    digest = _digest(candidates, channel=_channel(max_items=2))

    assert digest is not None
    assert [item.article_id for item in digest.items] == ["a", "b"]
    assert (digest.more_count, digest.more) == (2, ("c", "d"))
    assert [item.article_id for item in facts_of(digest, candidates)[0]] == ["a", "b", "c", "d"]


def test_a_digest_with_nothing_to_say_comes_out_only_if_the_channel_wants_it() -> None:
    """Empty digests annoy, silence worries: the channel chooses."""
    sent = _digest(channel=_channel(on_empty="send"))

    assert _digest() is None
    assert sent is not None
    assert (sent.number, sent.items, sent.notices) == (5, (), ())


def test_the_facts_of_a_digest_name_versions_and_hashes(candidate: MakeCandidate, told: Told) -> None:
    """The memory of the channel is made of them."""
    known = {"b": told(3, 1, sha256_of("text")), "c": told(4, 1, sha256_of("text"))}
    candidates = [candidate(ingested("a")), candidate(revised("b"))]
    digest = _digest(candidates, [_gone(2, "c")], known)
    assert digest is not None
    items, notices = facts_of(digest, candidates)

    assert [(one.article_id, one.version, one.content_sha256) for one in items] == [
        ("a", 1, sha256_of("text"))
    ]
    assert [(one.kind, one.article_id, one.content_sha256, one.corrects.digest) for one in notices] == [
        ("retraction", "c", None, 4),
        ("correction", "b", sha256_of("new text"), 3),
    ]


def test_the_hash_covers_everything_else_and_the_order_of_candidates_does_not_matter(
    candidate: MakeCandidate,
) -> None:
    """Two publishers that close the same window make the same bytes."""
    candidates = [candidate(ingested(article_id)) for article_id in "abc"]
    first, second = _digest(candidates), _digest(candidates[::-1])

    assert first is not None
    assert second is not None
    assert first.canonical_bytes() == second.canonical_bytes()
    assert Digest.model_validate_json(first.canonical_bytes()) == first
    assert first.is_intact
    assert not first.model_copy(update={"number": 6}).is_intact
