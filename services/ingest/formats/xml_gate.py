"""Whether XML is well-formed, asked of a parser that reads no other file and expands nothing."""

from __future__ import annotations

import re

from lxml import etree

from services.ingest.article import Rejection

_DANGERS = frozenset(
    {
        "ERR_ENTITY_LOOP",
        "ERR_NAME_TOO_LONG",
        "ERR_RESOURCE_LIMIT",
        "ERR_INTERNAL_ERROR",
        "ERR_UNDECLARED_ENTITY_LOOP",
    }
)
_DEPTH = re.compile("depth|amplification|huge|too long|excessive", re.IGNORECASE)


def safe_parser(*, recover: bool = False) -> etree.XMLParser:
    """A parser without comments that opens nothing; ``recover`` reads on behind a fault."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=recover,
        remove_comments=True,
        remove_pis=True,
    )


def why_ill_formed(data: bytes) -> str | None:
    """Where ``data`` breaks (``line 3, column 7``); None when it is well-formed.

    Raises Rejection ``corrupt`` when it is built to exhaust its reader.
    """
    parser = safe_parser()
    try:
        etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        where = f"line {line}, column {column}"
        if any(entry.type_name in _DANGERS or _DEPTH.search(entry.message) for entry in parser.error_log):
            raise Rejection("corrupt", f"XML beyond all limits: {where}") from None
        return where
    except ValueError as error:
        return type(error).__name__
    return None
