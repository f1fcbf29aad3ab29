"""XML of the wires reads no other file, expands nothing, and survives what agencies really send."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from services.ingest.article import ReadingHint, Rejection
from services.ingest.formats.wire import tree
from services.ingest.formats.wire.root import root_of
from services.ingest.rejections import HINTS
from services.ingest.sniffing import read_seed

SECRET = "a secret of this machine"  # noqa: S105 - no password, a text to look for
NITF = """<nitf><head><title>Ferry</title></head>
<body><body.content><p>It runs. {text}</p></body.content></body></nitf>"""


def body_of(data: bytes) -> str:
    return read_seed(data, ReadingHint(file_name="a.xml")).articles[0].document.body


def with_external_entity(path: Path) -> bytes:
    path.write_text(SECRET)
    return f'<!DOCTYPE nitf [<!ENTITY x SYSTEM "{path.as_uri()}">]>{NITF.format(text="&x;")}'.encode()


def test_no_other_file_is_read(tmp_path: Path) -> None:
    """A seed must not be able to publish what lies on the disk."""
    assert body_of(with_external_entity(tmp_path / "secret")) == "It runs."


def test_a_parser_that_resolves_entities_would_be_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: the parser as many programs set it up."""
    monkeypatch.setattr(
        tree, "safe_parser", lambda *, recover=False: etree.XMLParser(resolve_entities=True, recover=recover)
    )

    assert SECRET in body_of(with_external_entity(tmp_path / "secret"))


@pytest.mark.parametrize(
    "subset",
    [
        '<!ENTITY % nitf SYSTEM "nitf-3-0.dtd"> %nitf;',
        '<!ENTITY % nitf PUBLIC "-//IPTC//DTD NITF 3.0//EN" "http://127.0.0.1:1/nitf.dtd"> %nitf;',
        "<!-- nothing -->",
        "<!ELEMENT nitf ANY><!ENTITY eacute '&#233;'>",
    ],
)
def test_a_document_type_is_passed_over(subset: str) -> None:
    """Kyodo and Keystone-SDA name a DTD in a parameter entity: it is no reason to refuse them."""
    text = NITF.format(text="caf&eacute;&nbsp;&mdash;")
    data = f'<?xml version="1.0"?>\n<!DOCTYPE nitf SYSTEM "nitf.dtd" [\n{subset}\n]>\n{text}'

    assert body_of(data.encode()) == "It runs. café —"


LAUGHS = "".join(
    f"<!ENTITY {name} '{f'&{previous};' * 10}'>"
    for previous, name in zip("abcdefgh", "bcdefghi", strict=True)
)
BOMB = f"<!DOCTYPE nitf [<!ENTITY a 'hahahahaha'>{LAUGHS}]>{NITF.format(text='&i;')}"


@pytest.mark.parametrize(
    "data",
    [
        BOMB.encode(),
        b"<nitf>" + b"<block>" * 100_000,
        b"<nitf>" + b"<block>" * 5000 + b"</block>" * 5000 + b"</nitf>",
    ],
)
def test_a_bomb_does_not_go_off(data: bytes) -> None:
    """A billion laughs and a tower of elements are refused before they cost anything."""
    with pytest.raises(Rejection) as caught:
        body_of(data)

    assert caught.value.reason == "corrupt"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fish & chips", "It runs. Fish & chips"),
        ("AT&T", "It runs. AT&T"),
        ("a &lt; b &amp; c", "It runs. a < b & c"),
        ("&unknown;x", "It runs. x"),
        ("&#0;x", "It runs. x"),
        ("<![CDATA[Fish & chips]]>", "It runs. Fish & chips"),
        ("x\x0b\x1by", "It runs. xy"),
    ],
)
def test_small_faults_of_producers_are_forgiven(text: str, expected: str) -> None:
    """A bare ampersand is no reason to lose a story; it leaves a warning."""
    assert expected == body_of(NITF.format(text=text).encode())


WIRE = b"ncn062 4 pol 211  ncn 0415\n\nferries/\nFerry back =\n\nIt runs.\n"


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "data",
    [
        WIRE + b"\n" * 1_000_000,
        WIRE + b" " * 1_000_000,
        b" \n" * 500_000 + WIRE,
        b"a0110-----\nr a BC-US--Ferry   03-05 0050\n" + b"^A B=\n" * 40_000,
        NITF.format(text="<![CDATA[" * 100_000).encode(),
        NITF.format(text="& " * 60_000).encode(),
        b"<NewsML>" + b"<NewsItem><NewsComponent/></NewsItem>" * 1500 + b"</NewsML>",
    ],
    ids=["newlines", "blanks", "blanks-first", "carets", "cdata", "ampersands", "items"],
)
def test_long_near_misses_are_read_in_linear_time(data: bytes) -> None:
    """A pattern that looks again from every place would hold the reader for minutes."""
    try:
        assert read_seed(data, ReadingHint(file_name="a")).articles
    except Rejection as rejection:
        assert rejection.reason in HINTS  # noqa: PT017 - either way, it must come to an end


def test_a_document_that_was_cut_off_is_refused() -> None:
    """Half a story is worse than a reason why it is missing."""
    with pytest.raises(Rejection) as caught:
        read_seed(NITF.format(text="x").encode()[:-30], ReadingHint(file_name="a.xml"))

    assert caught.value.reason == "corrupt"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "iso-8859-1", "iso-8859-15", "windows-1252"]
)
def test_the_declared_charset_is_honoured(encoding: str) -> None:
    label = encoding.removesuffix("-sig").removesuffix("-le")
    data = f'<?xml version="1.0" encoding="{label}"?>{NITF.format(text="café")}'.encode(encoding)

    assert body_of(data) == "It runs. café"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<nitf>", "nitf"),
        ("\ufeff \n<?xml version='1.0'?>\n<!-- > -->\n<?x y?><n:NewsML xmlns:n='x'>", "NewsML"),
        ('<!DOCTYPE a SYSTEM "x>y" [<!ENTITY % b "]>"> %b;\n ] ><a>', "a"),
        ("<!DOCTYPE a [", None),
        ("<!-- never closed", None),
        ("text", None),
        ("", None),
    ],
)
def test_the_root_is_found_behind_any_preamble(text: str, name: str | None) -> None:
    root = root_of(text)

    assert name == (root.name if root else None)
