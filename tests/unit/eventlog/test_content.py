"""The stored form of a document depends on the document alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from newsfeed import zstd
from newsfeed.eventlog.content import MAX_DOCUMENT_BYTES, pack, unpack

BOMB = pack(bytes(MAX_DOCUMENT_BYTES + 1))
DOCUMENTS = [b"", b"x", b"A short text.", bytes(range(256)) * 4000, b"word " * 200_000]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_is_packed_as_if_it_were_the_first(document: bytes) -> None:
    """A compressor that is used again must not remember: the same text would be stored in two forms."""
    pack(b"something else")

    assert pack(document) == zstd.compress(document, level=3)
    assert unpack(pack(document)) == document


@pytest.mark.parametrize(
    "damaged",
    [pack(b"word " * 1000)[:-4], pack(b"one") + pack(b"two"), b"no zstd", pytest.param(BOMB, id="bomb")],
)
def test_only_one_whole_document_is_read(damaged: bytes) -> None:
    """Not a part of one, not two, and not one that grows beyond the bound."""
    with pytest.raises(zstd.ZstdError):
        unpack(damaged)


def test_threads_do_not_disturb_each_other() -> None:
    """A zstd context belongs to one thread at a time; shared, it gives garbage or crashes."""
    documents = [f"{number} ".encode() * 20_000 for number in range(200)]

    with ThreadPoolExecutor(8) as threads:
        unpacked = list(threads.map(lambda document: unpack(pack(document)), documents))

    assert unpacked == documents
