"""Where a webhook may go: own rows over every special-purpose registry and every way to write an address."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from services.publish.transports.addresses import is_public, literal, problems_of

DENIED = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.255.255.254 127.0.1.1
169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.254 192.0.0.1 192.0.0.8 192.0.0.9 192.0.0.170
192.0.0.255 192.0.2.1 192.88.99.1 192.88.99.3 192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255
198.51.100.7 203.0.113.9 224.0.0.1 224.0.0.251 232.1.1.1 239.255.255.250 240.0.0.1 255.255.255.254
255.255.255.255
:: ::1 ::2 ::127.0.0.1 ::8.8.8.8 ::ffff:0:0 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
::ffff:192.168.1.1 ::ffff:7f00:1 ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1 64:ff9b::8.8.8.8 64:ff9b::a9fe:a9fe
64:ff9b:1::1 64:ff9b:1:ffff::7f00:1 100::1 100:0:0:1::1 2001::1 2001:0:7f00:1::1 2001:1::1 2001:2::1
2001:3::1 2001:4:112::1 2001:10::1 2001:20::1 2001:30::1 2001:db8::1 2001:db8:ffff::1 2002::1
2002:7f00:1::1 2002:a00:1:: 2002:808:808::1 3ffe::1 3fff::1 3fff:fff::1 5f00::1 fc00::1 fd00:ec2::254
fdff:ffff::1 fe80::1 fe80::a9fe:a9fe fe80::1%lo febf::1 fec0::1 feff::1 ff00::1 ff02::1 ff05::2 ff0e::1
nonsense 1 1.2.3 256.1.1.1 01.2.3.4 1.2.3.4.5 12345::1 ::g 2606:4700::1%eth0
""".split()

ALLOWED = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 93.184.215.14 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1
169.253.255.255 172.15.255.255 172.32.0.0 192.0.1.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0
223.255.255.255 2001:4860:4860::8888 2606:4700:4700::1111 2a00:1450:4001::1 2400:cb00::1 2620:fe::fe
::ffff:8.8.8.8 ::ffff:1.1.1.1
""".split()

IN_DISGUISE = """
2130706433 0x7f000001 0x7f.1 0x7f.0.0.1 017700000001 0177.0.0.1 0177.1 127.1 127.0.1 1 0 0x 00 08 10.1
3232235777 0xa9fea9fe 0251.0376.0251.0376 127.0.0.1. 127.0.0.01 169.254.43518 4294967295 host.1 a.0x7f
""".split()


@pytest.mark.parametrize("address", DENIED)
def test_no_address_of_a_special_purpose_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ALLOWED)
def test_addresses_of_the_internet_are(address: str) -> None:
    """Those right beside a forbidden network, too."""
    assert is_public(address)


@pytest.mark.parametrize("host", IN_DISGUISE)
def test_an_address_that_is_written_in_another_way_is_no_host(host: str) -> None:
    """The resolver of the system would take all of these for addresses."""
    with pytest.raises(ValueError, match=r"."):
        literal(host)
    assert problems_of(f"http://{host}/", ())


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("ftp://example.org/", "http"),
        ("file:///etc/passwd", "http"),
        ("gopher://example.org/", "http"),
        ("https://", "host"),
        ("https:///path", "host"),
        ("https://ada:pw@example.org/", "password"),
        ("https://example.org:22/", "port"),
        ("https://example.org:99999/", "URL"),
        ("http://127.0.0.1/", "public"),
        ("http://[::1]/", "public"),
        ("http://[::ffff:10.0.0.1]/", "public"),
        ("http://169.254.169.254/latest/meta-data/", "public"),
        ("http://exa mple.org/", "blanks"),
        ("http://example.org/\r\nX: y", "blanks"),
        ("http://[fe80::1%25lo]/", "public"),
        ("http://-example.org/", "name"),
        ("https://example.org/" + "a" * 2000, "longer"),
    ],
)
def test_a_url_that_cannot_be_is_refused_when_it_is_typed(url: str, word: str) -> None:
    assert word in " ".join(problems_of(url, ()))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/hook?x=1",
        "http://example.org:8080/",
        "https://bücher.example/",
        "https://8.8.8.8/",
    ],
)
def test_a_url_that_can_be_is_not(url: str) -> None:
    assert problems_of(url, ()) == []


def test_a_network_of_ones_own_can_be_allowed_with_every_port_of_it() -> None:
    allowed = [ip_network("10.1.0.0/16")]

    assert problems_of("http://10.1.2.3:9000/", allowed) == []
    assert problems_of("http://10.2.2.3/", allowed)
    assert problems_of("http://8.8.8.8:9000/", allowed)
    assert len(DENIED) + len(ALLOWED) + len(IN_DISGUISE) > 140
