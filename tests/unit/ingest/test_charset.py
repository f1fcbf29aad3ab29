"""Bytes become text: by mark, by declaration, as UTF-8, and only then by a guess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.charset import declared_in_markup, decode

RUSSIAN = "Паром между островами вернулся после зимнего ремонта, сообщила компания. Он ходит каждый час."
JAPANESE = "二つの島を結ぶ渡し船が冬の修理を終えて月曜日に戻ったと会社が発表した。フェリーは毎時運航する。"
CHINESE = "连接两个岛屿的渡轮经过一个冬天的维修，星期一恢复运营，公司宣布。渡轮每小时一班，星期天两小时一班。"
TAIWANESE = (
    "連接兩個島嶼的渡輪經過一個冬天的維修，星期一恢復營運，公司宣布。渡輪每小時一班，星期天兩小時一班。"
)
GREEK = "Το πλοίο ανάμεσα στα δύο νησιά επέστρεψε τη Δευτέρα μετά από έναν χειμώνα επισκευών."
THAI = "เรือข้ามฟากระหว่างสองเกาะกลับมาให้บริการในวันจันทร์หลังการซ่อมแซม"
ARABIC = "عادت العبارة بين الجزيرتين يوم الاثنين بعد شتاء من الإصلاحات"
HEBREW = "המעבורת בין שני האיים חזרה ביום שני אחרי חורף של תיקונים"
KOREAN = "두 섬을 잇는 배가 겨울 수리를 마치고 월요일에 돌아왔다고 회사가 밝혔다."
FRENCH = (
    "Le bac entre les deux îles est revenu lundi après un hiver de réparations, a dit la société à ses élus."
)
POLISH = "Prom między wyspami wrócił w poniedziałek po zimowym remoncie, ogłosiła spółka. Źródło: żegluga."


@pytest.mark.parametrize("name", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_mark_decides(name: str) -> None:
    decoded = decode(RUSSIAN.encode(name), "windows-1251")

    assert (decoded.text, decoded.charset.method) == (RUSSIAN, "bom")
    assert decoded.warnings == ("charset_declaration_wrong",)


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", [FRENCH, RUSSIAN, JAPANESE + "\n\n" + JAPANESE], ids=["fr", "ru", "ja"])
def test_wide_text_without_a_mark_is_found(name: str, text: str) -> None:
    decoded = decode(text.encode(name))

    assert (decoded.text, decoded.charset.name, decoded.charset.method) == (text, name, "detected")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "cp866"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        (CHINESE, "gb18030"),
        (TAIWANESE, "big5"),
        (FRENCH, "cp1252"),
        (POLISH, "cp1250"),
        (POLISH, "iso8859_2"),
        (GREEK, "cp1253"),
        (THAI, "cp874"),
        (ARABIC, "cp1256"),
        (HEBREW, "cp1255"),
        (KOREAN, "euc_kr"),
    ],
)
def test_text_that_declares_nothing_is_guessed(text: str, name: str) -> None:
    decoded = decode(text.encode(name))

    assert (decoded.text, decoded.charset.method) == (text, "detected")


@pytest.mark.parametrize(
    ("text", "label", "name"),
    [
        (RUSSIAN, "windows-1251", "cp1251"),
        (JAPANESE, "Shift_JIS", "cp932"),
        (CHINESE, "GB2312", "gb18030"),
        (TAIWANESE, "big5", "big5hkscs"),
        ("Café “ouvert” – 3 €", "iso-8859-1", "cp1252"),
    ],
)
def test_a_declaration_is_read_as_browsers_read_it(text: str, label: str, name: str) -> None:
    decoded = decode(text.encode(name), label)

    assert (decoded.text, decoded.charset.name, decoded.charset.method, decoded.warnings) == (
        text,
        name,
        "declared",
        (),
    )


@pytest.mark.parametrize(
    ("data", "declared"),
    [
        (FRENCH.encode(), "iso-8859-1"),
        (CHINESE.encode(), "gb2312"),
        (RUSSIAN.encode("cp1251"), "utf-8"),
        (RUSSIAN.encode(), "no-such-charset"),
        (RUSSIAN.encode(), "rot13"),
    ],
)
def test_a_wrong_declaration_yields_to_what_decodes(data: bytes, declared: str) -> None:
    assert decode(data, declared).text in (FRENCH, CHINESE, RUSSIAN)


def test_a_wrong_declaration_is_a_warning() -> None:
    assert decode(FRENCH.encode(), "iso-8859-1").warnings == ("charset_declaration_wrong",)
    assert decode(RUSSIAN.encode("cp1251"), "utf-8").warnings == ("charset_declaration_wrong",)


def test_mojibake_is_reported_and_never_rewritten() -> None:
    garbled = FRENCH.encode().decode("cp1252", "ignore")
    decoded = decode(garbled.encode())

    assert (decoded.text, decoded.warnings) == (garbled, ("mojibake_suspected",))


@pytest.mark.parametrize("text", [FRENCH, RUSSIAN, JAPANESE, POLISH, "«Où?» – “là”…"])
def test_sound_text_is_not_suspected(text: str) -> None:
    assert decode(text.encode()).warnings == ()


def test_control_characters_are_dropped_with_a_warning_and_newlines_are_one_kind() -> None:
    decoded = decode(b"One\x00\x07\r\ntwo\rthree\xc2\x85four\tfive")

    assert decoded.text == "One\ntwo\nthree\nfour\tfive"
    assert decoded.warnings == ("control_characters_removed",)


@pytest.mark.parametrize(
    ("head", "label"),
    [
        (b'<?xml version="1.0" encoding="windows-1251"?><a/>', "windows-1251"),
        (b"<html><meta charset=koi8-r>", "koi8-r"),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">', "Shift_JIS"),
        (b"plain text with encoding='x' in it", None),
    ],
)
def test_a_declaration_is_found_in_markup(head: bytes, label: str | None) -> None:
    assert declared_in_markup(head) == label


@given(
    data=st.binary(max_size=400),
    declared=st.none() | st.text(max_size=12) | st.sampled_from(["utf-7", "big5"]),
)
def test_no_bytes_and_no_label_crash_the_decoder(data: bytes, declared: str | None) -> None:
    assert decode(data, declared).text.encode() is not None
