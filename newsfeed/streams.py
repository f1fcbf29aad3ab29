"""Every Redis key, stream, group and Pub/Sub channel name, as names and functions.

Keys of one partition share the hash tag ``{p<n>}``; keys of one channel share the slot of its
public stream, because the hash tag of the private ones is the whole name of the public one. So
every script of ours touches one slot only and runs on Redis Cluster.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

ENRICH = "enrich"
"""The consumer group of the enrich room."""

GROUPS = (ENRICH,)
"""Every consumer group of the article log."""

MANIFEST = "newsfeed:manifest"
"""String: JSON of what was fixed when the log was created."""

INGEST = "ingest"
"""The name under which the one ingest process holds its leases."""

PROJECT = "project"
"""The name under which processes hold the partitions that they project."""

ARCHIVE = "archive"
"""The reader that seals segments: its checkpoint, and the name under which it holds its leases."""

ERASURES = "erasures"
"""The reader that sees erasures through: its checkpoint, and the name under which it holds its leases."""

SEEDS_READER = "seeds"
"""The checkpoint of the ledger of seeds."""

SEEDS = "newsfeed:{seeds}"
"""Hash: path of a seed -> JSON of what ingest last made of it."""

SEEDS_CHECKPOINT = "newsfeed:{seeds}:checkpoint"
"""Hash: partition -> the position up to which the ledger of seeds has followed the log."""

SEEDS_VANISHED = "newsfeed:{seeds}:vanished"
"""Set: paths of seeds that went in such a number that an operator has to say whether they were deleted."""

SEEDS_ACCEPTED = "newsfeed:{seeds}:accepted"
"""Set: those of them that an operator says were deleted; ingest takes them out when it has acted."""

SEEDS_RETRY = "newsfeed:{seeds}:retry"
"""Set: paths of rejected seeds that are to be tried again; ingest takes them out when it has begun."""

SEEDS_DEVICES = "newsfeed:{seeds}:devices"
"""Hash: source -> the device on which its folder lay when nothing was missing from it."""

REGISTRY = "newsfeed:{registry}:log"
"""Stream of the facts about channels and subscriptions, ids ``0-1``, ``0-2`` … without gaps."""

STORY_STATE = "newsfeed:{stories}:state"
"""Hash: ``sequence`` of changes, ``newest`` time of an article (ms), ``floor``, ``filled`` when all is in."""

STORY_RECORDS = "newsfeed:{stories}:records"
"""Hash: article of the last 72 hours -> JSON of what others are compared with, and of what was decided."""

STORY_NAMES = "newsfeed:{stories}:names"
"""Hash: article -> what it is found by, nine bytes each."""

STORY_TIMES = "newsfeed:{stories}:times"
"""Sorted set: article -> its time in ms since 1970."""

STORY_POSTINGS = "newsfeed:{stories}:postings"
"""Sorted set, by name: what articles are found by, then the time, then the article."""

STORY_TOUCHED = "newsfeed:{stories}:touched"
"""Sorted set: what articles are found by -> the change that last added or removed an article there."""

HANDSHAKES = "newsfeed:{registry}:handshakes"
"""Sorted set: a subscription that its destination has to confirm, by when (ms) it is asked next."""

INVITED = "newsfeed:{registry}:invited"
"""Sorted set: the sha256 of an address that was asked to confirm, by when (ms); for an hour."""

PROJECTIONS = "newsfeed:projections"
"""Hash: name of a projection -> JSON: which of its versions are kept and which one answers."""

HEALTH = "newsfeed:health"
"""Hash: ``<service>@<host>:<pid>`` -> JSON heartbeat."""


@lru_cache(maxsize=1 << 16)
def _number(subject: str) -> int:
    return int.from_bytes(hashlib.sha256(subject.encode()).digest()[:8], "big")


def partition_of(subject: str, partitions: int) -> int:
    """The partition (from 0) that holds everything about a subject, for ever."""
    return _number(subject) % partitions


def bucket_of(subject: str, partitions: int, buckets: int) -> int:
    """The bucket (from 0) of a subject's head inside its partition."""
    return _number(subject) // partitions % buckets


def log(partition: int) -> str:
    """Stream of facts, ids ``0-1``, ``0-2`` … without gaps."""
    return f"newsfeed:{{p{partition}}}:log"


def tail(partition: int) -> str:
    """Hash: ``n`` the last position, ``r`` the last ``recorded_at`` in microseconds."""
    return f"newsfeed:{{p{partition}}}:tail"


def heads(partition: int, bucket: int) -> str:
    """Hash: subject -> ``version|position`` of its newest event, ``|position`` of its newest erasure."""
    return f"newsfeed:{{p{partition}}}:heads:{bucket}"


def content(partition: int, sha256: str) -> str:
    """String: a document, zstd; an empty value is the mark of an erased text."""
    return f"newsfeed:{{p{partition}}}:content:{sha256}"


def lease(partition: int, group: str) -> str:
    """String with expiry: ``owner|token`` of the process that serves the partition."""
    return f"newsfeed:{{p{partition}}}:lease:{group}"


def fence(partition: int, group: str) -> str:
    """Counter: the token of the newest lease; it never expires."""
    return f"newsfeed:{{p{partition}}}:fence:{group}"


def dead(partition: int, group: str) -> str:
    """Hash: position -> JSON of a dead letter."""
    return f"newsfeed:{{p{partition}}}:dead:{group}"


def letters(partition: int, group: str) -> str:
    """Sorted set: the positions of the group's dead letters, in order."""
    return f"newsfeed:{{p{partition}}}:letters:{group}"


def parked(partition: int, group: str) -> str:
    """Sorted set, by name: ``subject|position`` of every dead letter of a known subject."""
    return f"newsfeed:{{p{partition}}}:parked:{group}"


def parked_member(subject: str, position: int) -> str:
    """A member of :func:`parked`; of one subject they sort by position."""
    return f"{subject}|{position:016d}"


def checkpoints(partition: int) -> str:
    """Hash: reader of the log -> the last position that it is done with.

    Readers are ``archive`` (verified segments), ``<projection>:<version>``, ``seeds`` and ``channel:<name>``.
    """
    return f"newsfeed:{{p{partition}}}:checkpoints"


def channel_reader(channel: str) -> str:
    """The checkpoint of a channel: the end of its newest window, or less."""
    return f"channel:{channel}"


def read_model(partition: int, projection: str, version: int, bucket: int) -> str:
    """Hash: subject -> state, as one version of a projection folded it."""
    return f"newsfeed:{{p{partition}}}:model:{projection}:{version}:{bucket}"


def model_reader(projection: str, version: int) -> str:
    """The name of one version of a projection among the readers of :func:`checkpoints`."""
    return f"{projection}:{version}"


def model_parked(partition: int, projection: str, version: int) -> str:
    """Hash: subject -> JSON of why one version of a projection folds nothing more of it."""
    return f"newsfeed:{{p{partition}}}:model:{projection}:{version}:parked"


def members(group: str) -> str:
    """Sorted set: process -> server time (ms) until which it counts as alive."""
    return f"newsfeed:members:{group}"


def consumer(partition: int, group: str) -> str:
    """The one consumer of a partition in a group, whichever process speaks for it."""
    return f"{group}-p{partition}"


def destination(sha256: str) -> str:
    """String: where a subscription goes, zstd; an empty value is the mark of an erased one."""
    return f"newsfeed:{{registry}}:destination:{sha256}"


def digests(channel: str) -> str:
    """Public stream of a channel's digests, and the Pub/Sub channel of the same name."""
    return f"newsfeed:digests:{channel}"


def _private(kind: str, channel: str) -> str:
    """A key in the slot of the channel's public stream, because that one's name is its hash tag."""
    return f"newsfeed:{kind}:{{{digests(channel)}}}"


def redacting(channel: str) -> str:
    """Stream: the copy of the digests that an article is being taken out of."""
    return _private("redacting", channel)


def windows(channel: str) -> str:
    """Stream of the channel's facts: DigestPublished and WindowSkipped."""
    return _private("windows", channel)


def deliveries(channel: str) -> str:
    """Stream of the facts about the deliveries of a channel's digests."""
    return _private("deliveries", channel)


def due(channel: str) -> str:
    """Sorted set: a subscription, or ``subscription|number``, by when (ms) it is to be delivered to."""
    return _private("due", channel)


def delivery_states(channel: str) -> str:
    """Hash: member of :func:`due` -> JSON of how far it is; ``<member>:token`` -> its fencing token."""
    return _private("delivering", channel)


def parked_deliveries(channel: str) -> str:
    """Sorted set: ``subscription|number`` of a delivery that waits for an operator, by since when (ms)."""
    return _private("stranded", channel)


def retained(channel: str) -> str:
    """String: the id from which on the digests of a channel can still be read; absent while all can."""
    return _private("retained", channel)


def cursor(channel: str) -> str:
    """Hash: the end of the newest window: ``id``, ``number`` and ``p<n>`` per partition."""
    return _private("cursor", channel)


def delivered(channel: str, bucket: int) -> str:
    """Hash: article -> ``digest|version|content_sha256`` that readers of the channel hold."""
    return f"{_private('delivered', channel)}:{bucket}"


def body(channel: str, sha256: str) -> str:
    """String: the rendered bytes of a digest in one format, zstd."""
    return f"{_private('body', channel)}:{sha256}"
