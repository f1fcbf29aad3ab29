"""The stored form of a document depends on the document alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import zstandard

from newsfeed.eventlog.content import pack, unpack

DOCUMENTS = [b"", b"x", b"A short text.", bytes(range(256)) * 4000, b"word " * 200_000]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_is_packed_as_if_it_were_the_first(document: bytes) -> None:
    """A compressor that is used again must not remember: the same text would be stored in two forms."""
    pack(b"something else")

    assert pack(document) == zstandard.ZstdCompressor(level=3).compress(document)
    assert unpack(pack(document)) == document


def test_a_damaged_document_does_not_harm_the_next() -> None:
    """The decompressor that failed is the one that reads on."""
    with pytest.raises(zstandard.ZstdError):
        unpack(pack(b"word " * 1000)[:-4])

    assert unpack(pack(b"sound")) == b"sound"


def test_threads_do_not_disturb_each_other() -> None:
    """A zstd context belongs to one thread at a time; shared, it gives garbage or crashes."""
    documents = [f"{number} ".encode() * 20_000 for number in range(200)]

    with ThreadPoolExecutor(8) as threads:
        unpacked = list(threads.map(lambda document: unpack(pack(document)), documents))

    assert unpacked == documents
