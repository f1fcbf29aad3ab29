"""Which addresses of the network a digest may be sent to. Pure.

Whoever subscribes names a host of their choice: without this, our own network would be at their
service (server-side request forgery).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

PORTS = (80, 443, 8080, 8443)
"""The ports of public hosts; inside an allowed network any will do."""

LONGEST_URL = 2000

NOT_PUBLIC: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "100:0:0:1::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3ffe::/16",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
        "ff00::/8",
    )
)
"""What ``is_global`` of some Python lets through, or may: special purposes, and ways into IPv4."""

_NUMERIC = re.compile(r"\d+|0[xX][0-9a-fA-F]*")
_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*")


def unmapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def is_allowed(text: str, allowed: Sequence[Network]) -> bool:
    """Whether an address lies in a network that the operator allowed."""
    address = unmapped(ip_address(text.partition("%")[0]))
    return any(address in network for network in allowed)


def is_public(text: str) -> bool:
    """Whether an address is one of the public internet; anything that is none at all is not."""
    try:
        address = unmapped(ip_address(text))
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.scope_id:
        return False
    is_special = any(address in network for network in NOT_PUBLIC)
    return address.is_global and not address.is_multicast and not address.is_reserved and not is_special


def literal(host: str) -> str | None:
    """The address that a host is written as; None for a name.

    Raises ``ValueError`` for the many other ways to write an IPv4 address (decimal, octal, hexadecimal,
    short): the resolver takes them, people do not see them.
    """
    bare = host.removeprefix("[").removesuffix("]")
    if ":" in bare:
        return str(ip_address(bare))
    if _NUMERIC.fullmatch(bare.rstrip(".").rpartition(".")[2]):
        return str(IPv4Address(bare))
    return None


def problems_of(url: str, allowed: Sequence[Network], ports: Sequence[int] = PORTS) -> list[str]:
    """Why nothing is sent to a URL, in sentences; what its name resolves to is seen when it is called."""
    try:
        parts = urlsplit(url)
        host, port = _ascii_host(parts), parts.port
        address = literal(host)
    except ValueError:
        return ["this is no URL with a host, or its host is an address in disguise"]
    found = _of_form(url, parts, host)
    if address is not None and not is_allowed(address, allowed) and not is_public(address):
        found.append("its host is no public address; NEWSFEED_WEBHOOKS_ALLOW can allow its network")
    may_be_inside = bool(allowed) and (address is None or is_allowed(address, allowed))
    if port is not None and port not in ports and not may_be_inside:
        found.append(f"its port is none of {', '.join(map(str, ports))}")
    return found


def _ascii_host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    return host if host.isascii() else host.encode("idna").decode()


def _of_form(url: str, parts: SplitResult, host: str) -> list[str]:
    is_name = bool(_NAME.fullmatch(host.rstrip("."))) or ":" in host
    wrong = {
        f"it is longer than {LONGEST_URL} characters": len(url) > LONGEST_URL,
        "it has blanks or control characters": not url.isprintable() or " " in url,
        "it begins neither with http:// nor with https://": parts.scheme not in {"http", "https"},
        "it has no host that could be a name": not is_name,
        "it has a user or a password; a webhook is known by its signature": "@" in parts.netloc,
    }
    return [sentence for sentence, is_wrong in wrong.items() if is_wrong]
