"""An event can leave as a CloudEvent and come back the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, get_args

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsfeed.cloudevents import from_cloudevent, to_cloudevent
from newsfeed.errors import EventUnreadable
from newsfeed.events import ArticleIngested, ChannelEvent, DigestPublished, LogEvent
from newsfeed.testing.samples import samples

times = st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 # hypothesis adds it
events: st.SearchStrategy[Any] = st.builds(
    lambda event, changes: type(event).model_validate(dict(event) | changes),
    st.sampled_from(samples()),
    st.fixed_dictionaries(
        {
            "event_id": st.uuids(),
            "occurred_at": times,
            "correlation_id": st.uuids(),
            "causation_id": st.none() | st.uuids(),
            "position": st.none() | st.integers(min_value=1, max_value=2**53),
            "recorded_at": st.none() | times,
        },
        optional={"article_id": st.text(), "channel": st.text(), "detail": st.text()},
    ),
)


@given(events)
def test_an_event_comes_back_as_it_left(event: LogEvent | ChannelEvent) -> None:
    sent = orjson.dumps(to_cloudevent(event))

    assert from_cloudevent(orjson.loads(sent)) == event


def test_the_attributes_are_those_of_the_specification() -> None:
    event = next(one for one in samples() if isinstance(one, ArticleIngested))
    shown = to_cloudevent(event)
    data = shown.pop("data")

    assert data["article_id"] == event.article_id
    assert "position" not in data
    assert shown == {
        "specversion": "1.0",
        "id": str(event.event_id),
        "source": "urn:newsfeed:log",
        "type": "article.ingested",
        "subject": event.article_id,
        "time": "2026-03-02T06:30:00.250000Z",
        "recordedtime": "2026-03-02T06:30:00.251000Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:newsfeed:schema:article.ingested-v1",
        "partitionkey": event.article_id,
        "sequence": "00000000000000000001",
        "correlationid": str(event.correlation_id),
        "causationid": str(event.causation_id),
    }


def test_what_is_not_known_is_left_out() -> None:
    """The specification has no null attributes."""
    event = next(one for one in samples() if isinstance(one, DigestPublished))
    shown = to_cloudevent(event)

    assert {"sequence", "recordedtime"} & shown.keys() == set()
    assert (shown["source"], shown["subject"]) == ("urn:newsfeed:channel", "latest")


@pytest.mark.parametrize(
    "change",
    [
        {"specversion": "0.3"},
        {"type": None},
        {"type": "unheard.of"},
        {"data": "text"},
        {"data": {}},
        {"time": None},
        {"sequence": "first"},
        {"sequence": 2**70},
        {"dataschema": None},
        {"dataschema": "urn:newsfeed:schema:article.ingested-v²"},
        {"dataschema": "urn:newsfeed:schema:article.ingested-v99"},
        {"dataschema": "urn:newsfeed:schema:article.ingested-v" + "1" * 5000},
        {"dataschema": "urn:newsfeed:schema:article.revised-v1"},
    ],
)
def test_a_cloudevent_that_is_not_ours_is_refused(change: dict[str, object]) -> None:
    event = next(one for one in samples() if isinstance(one, get_args(get_args(LogEvent)[0])))

    with pytest.raises(EventUnreadable):
        from_cloudevent({**to_cloudevent(event), **change})
