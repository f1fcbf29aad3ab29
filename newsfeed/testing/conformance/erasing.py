"""Erasing: a text that was taken down is gone with the fact that says so, and stays away."""

from __future__ import annotations

from newsfeed.testing.facts import (
    document,
    enrichment_append,
    erased_append,
    version_append,
    version_at,
)
from newsfeed.testing.under_test import LogUnderTest

TEXT = document(title="A headline that somebody forbade")


class Erasing:
    """What an erasure promises."""

    async def test_an_erasure_is_a_version_and_takes_the_text_down(self, under_test: LogUnderTest) -> None:
        """Both in one step: a text without its fact, or a fact with its text, would each be wrong."""
        log = under_test.log
        await log.append(0, [version_append("a", 1, TEXT)])

        assert await log.append(0, [erased_append("a", 2, TEXT.sha256)]) == [2]

        head = (await log.heads(["a"]))["a"]
        assert (head.version, head.position, head.erased) == (2, 2, 2)
        assert await log.articles(0, [TEXT.sha256]) == {}

    async def test_an_erased_text_does_not_come_back(self, under_test: LogUnderTest) -> None:
        """A take-down must survive the same text arriving again, even under another article."""
        log = under_test.log
        await log.append(0, [version_append("a", 1, TEXT), erased_append("a", 2, TEXT.sha256)])

        await log.append(0, [version_append("b", 1, TEXT)])

        assert await log.articles(0, [TEXT.sha256]) == {}

    async def test_a_text_can_be_erased_before_it_comes(self, under_test: LogUnderTest) -> None:
        """An order may name a text that is still on its way."""
        log = under_test.log
        await log.append(0, [version_append("a"), erased_append("a", 2, TEXT.sha256)])

        await log.append(0, [version_append("a", 3, TEXT)])

        assert await log.articles(0, [TEXT.sha256]) == {}

    async def test_what_derives_from_an_erased_text_is_not_stored(self, under_test: LogUnderTest) -> None:
        """Enrichment that was under way quotes names out of it."""
        log = under_test.log
        await log.append(0, [version_append("a", 1, TEXT)])
        late = enrichment_append(await version_at(log, 1))
        await log.append(0, [erased_append("a", 2, TEXT.sha256)])

        assert await log.append(0, [late]) == [3]

        assert await log.enrichments(0, [late.documents[0].sha256]) == {}

    async def test_what_derives_from_a_later_text_is_stored(self, under_test: LogUnderTest) -> None:
        """An erasure is about what was there before it."""
        log = under_test.log
        await log.append(0, [version_append("a", 1, TEXT), erased_append("a", 2, TEXT.sha256)])
        await log.append(0, [version_append("a", 3)])
        found = enrichment_append(await version_at(log, 3))

        await log.append(0, [found])

        assert [*await log.enrichments(0, [found.documents[0].sha256])] == [found.documents[0].sha256]
        assert (await log.heads(["a"]))["a"].erased == 2

    async def test_a_repeated_erasure_is_stored_once(self, under_test: LogUnderTest) -> None:
        """Like any other event."""
        log = under_test.log
        erased = erased_append("a", 2, TEXT.sha256)
        await log.append(0, [version_append("a", 1, TEXT), erased, version_append("a", 3)])

        assert await log.append(0, [erased]) == [-2]
        assert (await log.heads(["a"]))["a"].erased == 2
