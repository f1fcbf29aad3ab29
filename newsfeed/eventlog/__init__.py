"""The event log: append, read, consume, dead letters, verify. The only speaker of raw Redis Streams."""

from newsfeed.eventlog.commits import Append
from newsfeed.eventlog.contract import ArticleLog
from newsfeed.eventlog.log import EventLog, Head
from newsfeed.eventlog.manifest import Manifest

__all__ = ["Append", "ArticleLog", "EventLog", "Head", "Manifest"]
