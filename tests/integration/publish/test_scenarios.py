"""What a channel says, scenario by scenario: the rules of digests, held by the real publisher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from newsfeed.testing.timeline import Timeline
from tests.integration.publish.narrating import TOPIC
from tests.integration.publish.scenarios import Scenario, hold

pytestmark = pytest.mark.by_turns

NOON: Mapping[str, Any] = {"cron": "0 12 * * *"}


SCENARIOS = {
    # 1. Partition: by the log, never by a date
    "what is recorded at the boundary belongs to the next window": Scenario(
        "0:59.999 article a; 1:00 article b; 1:02 publish; 2:02 publish", ["a", "b"]
    ),
    "an article is told when its enrichment comes, however late": Scenario(
        "0:01 ingest slow; 0:02 article quick; 1:02 publish; 2:02 publish; 9:30 enrich slow; 10:02 publish",
        ["quick", "slow"],
    ),
    # 2. Closing
    "events in flight at the boundary get their second": Scenario(
        "0:30 article a; 1:00.5 publish; 1:00.6 article b; 1:01 publish; 2:01 publish", ["a", "b"]
    ),
    "a full window closes before its time, and the rest follows": Scenario(
        "0:01 article a; 0:02 article b; 0:03 article c; 1:02 publish",
        ["a, b", "c"],
        {"max_items": 2},
    ),
    "too few articles wait for others": Scenario(
        "0:01 article a; 1:02 publish; 1:10 article b; 2:02 publish",
        ["a, b"],
        {"min_items": 2, "max_wait_seconds": 600},
    ),
    "too few articles wait no longer than they may": Scenario(
        "0:01 article a; 1:02 publish; 9:02 publish; 11:02 publish",
        ["a"],
        {"min_items": 2, "max_wait_seconds": 600},
    ),
    # 3. The commit point
    "two publishers at once bring out one digest": Scenario(
        "0:01 article a; 1:02 rival; 1:10 article b; 2:02 rival; 2:03 publish", ["a", "b"]
    ),
    "another publisher goes on where the last one stopped": Scenario(
        "0:01 article a; 1:02 publish; 1:03 restart; 1:04 publish; 1:10 article b; 2:02 publish",
        ["a", "b"],
    ),
    # 4. Late articles
    "an article that was published before its window began is marked late": Scenario(
        "0:05 article a published=0:04; 1:02 publish; 1:10 article old published=0:10; 2:02 publish",
        ["a", "old (late)"],
    ),
    # 5. Versions
    "of two versions in one window the newer one counts, once": Scenario(
        "0:05 article a; 0:20 article a; 1:02 publish", ["a v2"]
    ),
    "an old version that is enriched again says nothing": Scenario(
        "0:05 article a; 0:20 article a; 1:02 publish; 1:10 again a 1; 1:11 article b; 2:02 publish",
        ["a v2", "b"],
    ),
    # 6. Corrections and retractions
    "another text of a delivered article is a correction": Scenario(
        "0:05 article a; 1:02 publish; 1:10 article a; 1:20 article b; 2:02 publish",
        ["a", "correction of a in 1, b"],
    ),
    "a version that reads the same is no correction": Scenario(
        "0:05 article a; 1:02 publish; 1:10 retouch a; 1:20 article b; 2:02 publish", ["a", "b"]
    ),
    "a correction is told although its article does not belong here any more": Scenario(
        "0:05 article a; 1:02 publish; 1:10 article a language=de; 2:02 publish",
        ["a", "correction of a in 1"],
        {"languages": ["en"]},
    ),
    "an article that never belonged here is corrected and retracted in silence": Scenario(
        "0:05 article a language=de; 0:06 article b; 1:02 publish; 1:10 article a language=de; "
        "2:02 publish; "
        "2:10 withdraw a; 3:02 publish",
        ["b"],
        {"languages": ["en"]},
    ),
    "a correction of a correction names the digest that readers know": Scenario(
        "0:05 article a; 1:02 publish; 1:10 article a; 2:02 publish; 2:10 article a; 3:02 publish",
        ["a", "correction of a in 1", "correction of a in 2"],
    ),
    "a mistake of digest 3 is named by digest 4": Scenario(
        "0:05 article a; 1:02 publish; 1:05 article b; 2:02 publish; 2:05 article c; 3:02 publish; "
        "3:10 article c; 4:02 publish",
        ["a", "b", "c", "correction of c in 3"],
    ),
    "a retraction waits for the next digest": Scenario(
        "0:05 article a; 0:06 article b; 1:02 publish; 1:10 withdraw a; 1:20 publish; 1:30 article c; "
        "2:02 publish",
        ["a, b", "retraction of a in 1, c"],
    ),
    "a retraction at once is a digest of its own": Scenario(
        "0:05 article a; 12:00:06 publish; 13:00:00 article b; 13:00:01 withdraw a; 13:00:02 publish; "
        "13:00:03 publish; 36:00:06 publish",
        ["a", "retraction of a in 1", "b"],
        {**NOON, "retractions": "immediate"},
    ),
    "what was retracted before anybody got it is never mentioned": Scenario(
        "0:05 ingest a; 1:02 publish; 1:05 withdraw a; 1:10 enrich a; 1:20 article b; 2:02 publish",
        ["b"],
    ),
    "born and killed in one window": Scenario(
        "0:05 article a; 0:30 withdraw a; 0:40 article b; 1:02 publish; 2:02 publish", ["b"]
    ),
    "born and killed in one window, with nothing else in it": Scenario(
        "0:05 article a; 0:30 withdraw a; 1:02 publish; 2:02 publish", []
    ),
    "corrected and killed in one window is a retraction only": Scenario(
        "0:05 article a; 1:02 publish; 1:10 article a; 1:20 withdraw a; 2:02 publish",
        ["a", "retraction of a in 1"],
    ),
    "killed and brought back in one window is a correction": Scenario(
        "0:05 article a; 1:02 publish; 1:10 withdraw a; 1:20 article a; 2:02 publish",
        ["a", "correction of a in 1"],
    ),
    "what was retracted and comes back is news again": Scenario(
        "0:05 article a; 1:02 publish; 1:10 withdraw a; 2:02 publish; 2:10 article a; 3:02 publish",
        ["a", "retraction of a in 1", "a v3"],
    ),
    # 7. Empty windows
    "an empty window uses no number": Scenario(
        "1:00:00 article a; 12:00:06 publish; 36:00:06 publish; 37:00:00 article b; 60:00:06 publish",
        ["a", "b"],
        NOON,
    ),
    "an empty digest comes out where one is wanted": Scenario(
        "1:00:00 article a; 12:00:06 publish; 36:00:06 publish",
        ["a", "nothing"],
        {**NOON, "on_empty": "send"},
    ),
    # 8. Duplicates
    "what tells the same is one item": Scenario(
        "0:01 article a; 0:02 article b alike=a; 0:03 article c; 1:02 publish", ["a+b, c"]
    ),
    "a story that was told before is developing": Scenario(
        "0:01 article a story=flood; 1:02 publish; 1:10 article b story=flood; 1:11 article c; 2:02 publish",
        ["a", "b (develops 1), c"],
    ),
    # 9. Order
    "retractions, corrections, then the best score, the newest date, the id": Scenario(
        "0:01 article x score=0.9; 0:02 article y score=0.9; 1:02 publish; "
        "1:03 article x score=0.9; 1:04 withdraw y; "
        "1:05 article e score=0.5; 1:06 article d score=0.5 published=1:01; "
        "1:07 article c score=0.5 published=1:02; 1:08 article b score=0.9; "
        "1:09 article a score=0.5; 2:02 publish",
        ["x, y", "retraction of y in 1, correction of x in 1, b, c, d, a, e"],
        {"topics": [TOPIC]},
    ),
    "what is beyond a calendar's limit counts as delivered": Scenario(
        "1:00:00 article a; 1:00:01 article b; 1:00:02 article c; 12:00:06 publish; 13:00:00 article c; "
        "36:00:06 publish",
        ["a, b, 1 more", "correction of c in 1"],
        {**NOON, "max_items": 2},
    ),
    # 11. Deliveries
    "quiet hours hold back, in order, and urgent ones do not know them": Scenario(
        "0:00 subscribe ada quiet=00:01-00:30; 0:00 subscribe bob quiet=00:01-00:30 urgent; "
        "0:05 article a; "
        "1:02 publish; 1:05 article b; 2:02 publish; 2:03 deliver; 29:59 deliver; 30:00 unsubscribe bob; "
        "30:00 deliver",
        ["a", "b"],
        received={"bob": [1, 2], "ada": [1, 2]},
    ),
    "who unsubscribed after the freeze gets nothing": Scenario(
        "0:00 subscribe ada; 0:00 subscribe bob; 0:05 article a; 1:02 publish; "
        "1:03 unsubscribe ada; 1:04 deliver",
        ["a"],
        received={"bob": [1]},
    ),
    "who subscribed after the freeze gets the next one": Scenario(
        "0:05 article a; 1:02 publish; 1:03 subscribe ada; 1:04 deliver; 1:10 article b; "
        "2:02 publish; 2:03 deliver",
        ["a", "b"],
        received={"ada": [2]},
    ),
    # 12. Order of one subscription
    "a delivery that fails holds up those behind it, of nobody else": Scenario(
        "0:00 subscribe ada; 0:00 subscribe bob; 0:01 break ada; 0:05 article a; 1:02 publish; "
        "1:03 deliver; "
        "1:10 article b; 2:02 publish; 2:03 deliver; 2:04 mend ada; 20:00 deliver",
        ["a", "b"],
        received={"ada": [1, 1, 1, 2], "bob": [1, 2]},
    ),
    "a mended receiver gets what waited, in order": Scenario(
        "0:00 subscribe ada; 0:01 break ada; 0:05 article a; 1:02 publish; 1:03 deliver; 1:04 mend ada; "
        "1:10 article b; 2:02 publish; 2:03 deliver",
        ["a", "b"],
        received={"ada": [1, 1, 2]},
    ),
    # 14. Missed boundaries
    "three missed boundaries are one digest": Scenario(
        "1:00:00 article a; 30:00:00 article b; 50:00:00 article c; 61:00:00 publish", ["a, b, c"], NOON
    ),
    "three missed boundaries are three digests if each is wanted": Scenario(
        "0:01 publish; 1:00:00 article a; 30:00:00 article b; 50:00:00 article c; 61:00:00 publish",
        ["a", "b", "c"],
        {**NOON, "missed": "each"},
    ),
    "of three missed boundaries the last one counts if the others are to be skipped": Scenario(
        "0:01 publish; 1:00:00 article a; 30:00:00 article b; 50:00:00 article c; 61:00:00 publish",
        ["c"],
        {**NOON, "missed": "skip"},
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
async def test_scenario(timeline: Timeline, name: str) -> None:
    """And the channel's facts, streams and ledger are sound in the end."""
    await hold(timeline, SCENARIOS[name])
