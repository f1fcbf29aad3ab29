"""Bytes that say nothing of their charset are read right in many languages, old charsets included."""

from __future__ import annotations

import re
import unicodedata

import pytest

from services.ingest import charset_guess
from services.ingest.article import ReadingHint
from services.ingest.charset import decode
from services.ingest.sniffing import read_seed

TEXTS = {
    "fr": (
        "Hier à Genève, l’élève a déçu son maître; où était-il passé?",
        "cp1252 latin-1 mac_roman cp850",
    ),
    "de": (
        "Der Bürgermeister erklärte, die Straße werde nächste Woche geöffnet.",
        "cp1252 latin-1 mac_roman cp850",
    ),
    "pl": (
        "Burmistrz zapowiedział, że ulica zostanie otwarta w przyszłym tygodniu. Mieszkańcy są zadowoleni.",
        "cp1250 iso8859_2 cp852",
    ),
    "cs": (
        "Starosta řekl, že ulice bude příští týden otevřena. Obyvatelé jsou spokojeni.",
        "cp1250 iso8859_2 cp852",
    ),
    "hu": (
        "A polgármester szerint az utcát jövő héten megnyitják, és a lakók örülnek ennek.",
        "cp1250 iso8859_2",
    ),
    "tr": (
        "Belediye başkanı sokağın önümüzdeki hafta açılacağını söyledi. Halk mutlu.",
        "cp1254 iso8859_9",
    ),
    "ru": (
        "Мэр сообщил, что улица откроется на следующей неделе. Жители довольны.",
        "cp1251 koi8_r iso8859_5 cp866 mac_cyrillic",
    ),
    "uk": (
        "Міський голова повідомив, що вулицю відкриють наступного тижня.",
        "cp1251 koi8_u",
    ),
    "el": (
        "Ο δήμαρχος είπε ότι ο δρόμος θα ανοίξει την επόμενη εβδομάδα.",
        "cp1253 iso8859_7",
    ),
    "he": (
        "ראש העיר אמר כי הרחוב ייפתח בשבוע הבא.",
        "cp1255 iso8859_8",
    ),
    "ar": (
        "قال رئيس البلدية إن الشارع سيفتح الأسبوع المقبل.",
        "cp1256 iso8859_6",
    ),
    "th": (
        "นายกเทศมนตรีกล่าวว่าถนนจะเปิดในสัปดาห์หน้า",
        "cp874",
    ),
    "lt": (
        "Meras sakė, kad gatvė bus atidaryta kitą savaitę. Gyventojai džiaugiasi.",
        "cp1257 iso8859_13",
    ),
    "lv": (
        "Mērs sacīja, ka iela tiks atvērta nākamnedēļ. Iedzīvotāji ir apmierināti.",
        "cp1257",
    ),
    "ja": (
        "市長は来週道路が開通すると述べた。住民は喜んでいる。",
        "cp932 euc_jp iso2022_jp utf-16-le utf-16-be",
    ),
    "zh": (
        "市长说，这条街道将于下周开放。居民们很高兴。",
        "gb18030 utf-16-le utf-16-be hz",
    ),
    "tw": (
        "市長說，這條街道將於下週開放。居民們很高興。",
        "big5 utf-16-le",
    ),
    "ko": (
        "시장은 거리가 다음 주에 열릴 것이라고 말했다. 주민들은 기뻐한다.",
        "cp949 utf-16-le utf-16-be johab",
    ),
    "ro": (
        "Primarul a spus că strada va fi deschisă săptămâna viitoare. Locuitorii sînt mulţumiţi.",
        "cp1250 iso8859_2",
    ),
    "vi": (
        "Thị trưởng nói rằng con đường sẽ mở cửa vào tuần tới.",
        "cp1258",
    ),
    "sv": (
        "Borgmästaren sade att gatan öppnas nästa vecka. Invånarna är nöjda.",
        "cp1252",
    ),
    "da": (
        "Borgmesteren sagde, at gaden åbner i næste uge. Børnene er glade for det.",
        "cp1252 cp865",
    ),
    "hr": (
        "Gradonačelnik je rekao da će ulica biti otvorena. Građani su zadovoljni, što je važno.",
        "cp1250 iso8859_2",
    ),
    "it": (
        "Il sindaco ha detto che la strada riaprirà martedì. Perché? La città è contenta.",
        "cp1252 mac_roman cp850",
    ),
    "es": (
        "El alcalde dijo que la calle abrirá la próxima semana. ¿Quién lo pagará? El señor Núñez.",
        "cp1252 mac_roman cp850",
    ),
    "en": (
        "The mayor said it’s “a good day” – the café opens at £3.",
        "cp1252",
    ),
    "bg": (
        "Кметът каза, че улицата ще бъде открита следващата седмица.",
        "cp1251 cp855",
    ),
    "sk": (
        "Starosta povedal, že ulica bude otvorená budúci týždeň. Obyvatelia sú spokojní, ľudia sa tešia.",
        "cp1250 iso8859_2",
    ),
    "sl": (
        "Župan je povedal, da bo ulica odprta prihodnji teden. Občani so zadovoljni.",
        "cp1250",
    ),
    "et": (
        "Linnapea ütles, et tänav avatakse järgmisel nädalal. Elanikud on rõõmsad.",
        "cp1257 iso8859_15",
    ),
    "fi": (
        "Pormestarin mukaan katu avataan ensi viikolla. Asukkaat ovat tyytyväisiä.",
        "cp1252 cp850",
    ),
}
CASES = [(language, charset) for language, (_, charsets) in TEXTS.items() for charset in charsets.split()]


def written(text: str, charset: str) -> bytes:
    """The text in a charset, accents apart where it has no accented letter."""
    letters = (
        letter if letter.encode(charset, "ignore") else unicodedata.normalize("NFD", letter)
        for letter in text
    )
    return ("".join(letters) if charset == "cp1258" else text).encode(charset, "ignore")


@pytest.mark.parametrize(("language", "charset"), CASES)
def test_a_sentence_is_read_in_the_charset_it_was_written_in(language: str, charset: str) -> None:
    """One sentence is all that many a seed has; the texts were not used to tune anything."""
    data = written(TEXTS[language][0], charset)

    assert decode(data).text == data.decode(charset)


WIDE = [("ja", "utf-16-le"), ("zh", "utf-16-be"), ("ko", "utf-16-le")]


@pytest.mark.parametrize(("language", "charset"), WIDE)
def test_wide_text_without_a_mark_and_without_ascii_is_no_binary(language: str, charset: str) -> None:
    """It has control bytes, and no zero bytes to tell it by."""
    text = TEXTS[language][0]

    assert read_seed(text.encode(charset), ReadingHint(file_name="a.txt")).articles[0].document.text == text


def test_a_language_that_is_not_known_is_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug: without the letters of Polish, its words are taken for those of others."""
    monkeypatch.delitem(charset_guess._RATES, "pl")
    monkeypatch.setattr(charset_guess, "_likeliest", charset_guess._likeliest.__wrapped__)

    assert decode(written(TEXTS["pl"][0], "iso8859_2")).text != TEXTS["pl"][0]


def test_rubbish_is_still_text_of_some_kind() -> None:
    """The guess never fails."""
    assert decode(bytes(range(128, 256)) * 40).charset.name


@pytest.mark.parametrize(
    "text",
    [
        "The town’s ferry, which hadn’t run since May, is back.",
        "“It’s back,” she said.",
        "The company… said",
        "Fares rise to £5 and €6.",
        "• Ferries\n• Buses",
        "l’homme d’État",
        "aujourd’hui, qu’il dit",
    ],
)
def test_a_few_marks_among_ascii_are_those_of_windows(text: str) -> None:
    """English has next to nothing else beyond ASCII; read as a Mac's, ``it’s`` is ``itís``."""
    assert charset_guess.guess(text.encode("cp1252")) == "cp1252"


def test_marks_that_count_for_nothing_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug: all charsets are equally likely, and an apostrophe is any sign."""
    monkeypatch.setattr(charset_guess, "_UNUSUAL", 0.0)
    monkeypatch.setattr(charset_guess, "_CONTRACTED", re.compile("(?!)"))
    charset_guess._likeliest.cache_clear()

    assert charset_guess.guess("It’s the town’s".encode("cp1252")) == "mac_roman"
    charset_guess._likeliest.cache_clear()
