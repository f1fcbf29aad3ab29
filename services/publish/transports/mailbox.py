"""Addresses of e-mail. Pure.

The name of the host is kept in ASCII (IDNA), as the servers of names know it; what stands before the
@ may be in any script, if the server that takes the mail can do that.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import idna

LONGEST_LOCAL = 64
LONGEST_ADDRESS = 254
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")
_OTHER_SCRIPTS = ("L", "M", "N")
"""First letters of the categories of characters outside ASCII that a name may have."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address; ``domain`` is ASCII."""

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def is_ascii(self) -> bool:
        """Whether every server can take mail for it."""
        return self.local.isascii()


def parse_mailbox(text: str) -> Mailbox:
    """Read an address without a name beside it; raises ``ValueError`` with a sentence."""
    local, at, host = text.rpartition("@")
    if not at or not local or not host:
        raise ValueError("an address is written name@host")
    if not all(_is_atom(atom) for atom in local.split(".")):
        raise ValueError(
            "before the @ there may be letters, digits, single dots and !#$%&'*+/=?^_`{|}~- only"
        )
    local = unicodedata.normalize("NFC", local)
    found = Mailbox(local, _domain(host))
    if len(local.encode()) > LONGEST_LOCAL or len(str(found).encode()) > LONGEST_ADDRESS:
        raise ValueError("it is longer than an address may be")
    return found


def _is_atom(atom: str) -> bool:
    rest = "".join(one for one in atom if one.isascii())
    others = (one for one in atom if not one.isascii())
    fits = all(unicodedata.category(one)[0] in _OTHER_SCRIPTS for one in others)
    return bool(atom) and fits and (not rest or bool(_ATOM.fullmatch(rest)))


def _domain(host: str) -> str:
    try:
        domain = idna.encode(host, uts46=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        raise ValueError("what follows the @ is no name of a host") from None
    labels = domain.split(".")
    if len(labels) == 1 or not all(labels) or labels[-1].isdecimal():
        raise ValueError("what follows the @ must be the full name of a host, such as example.org")
    return domain
