"""Dates in other languages than English, with their months in English: ``5 mars 2024`` is ``5 Mar 2024``."""

from __future__ import annotations

import re

_ENGLISH = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_NAMES = (
    (
        "januar january janvier enero janeiro gennaio januari ocak января январь січня stycznia leden "
        "ledna janv ene genn янв jän jänner tammikuuta "
    ),
    (
        "februar february février febrero fevereiro febbraio februari şubat февраля февраль лютого "
        "lutego únor února févr fev фев helmikuuta "
    ),
    (
        "märz march mars marzo março maart mart марта март березня marca březen března mär mrz мар "
        "maaliskuuta "
    ),
    "april avril abril aprile nisan апреля апрель квітня kwietnia duben dubna avr abr апр huhtikuuta",
    "mai may mayo maio maggio mei maj mayıs мая май травня maja květen května mag toukokuuta",
    ("juni june juin junio junho giugno haziran июня июнь червня czerwca červen června giu июн kesäkuuta "),
    (
        "juli july juillet julio julho luglio temmuz июля июль липня lipca červenec července juil lug "
        "июл heinäkuuta "
    ),
    (
        "august août agosto augustus augusti ağustos августа август серпня sierpnia srpen srpna aoû ago "
        "авг elokuuta "
    ),
    (
        "september septembre septiembre setembro settembre eylül сентября сентябрь вересня września září "
        "sept set сен syyskuuta "
    ),
    (
        "oktober october octobre octubre outubro ottobre ekim октября октябрь жовтня października říjen "
        "října okt out ott окт lokakuuta "
    ),
    (
        "november novembre noviembre novembro kasım ноября ноябрь листопада listopada listopad listopadu "
        "ноя marraskuuta "
    ),
    (
        "dezember december décembre diciembre dezembro dicembre aralık декабря декабрь грудня grudnia "
        "prosinec prosince déc dez dic дек joulukuuta "
    ),
)
_MONTHS = {name: english for names, english in zip(_NAMES, _ENGLISH, strict=True) for name in names.split()}
_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_]{3,14}(?![^\W\d_])\.?")
_LEADING_DAY = re.compile(r"^[^\W\d_]{2,12}\.?,?\s+(?=\d)")
_FILLING = re.compile(
    r"(?<=[\w.])\s+(?:de|del|à|a las|às|um|kl\.?|klo|om|в|г\.?|ore|alle|o)\s+(?=\w)", re.IGNORECASE
)
_DAY_MARK = re.compile(r"\b(\d{1,2})(?:\.|er|º|°)(?=\s)")
_CLOCK = re.compile(r"(?<=\d)[hH.](?=\d{2}\b(?!\.))|(?<=\d:\d\d)\s*(?:uhr|h)\b", re.IGNORECASE)
_EAST_ASIAN = re.compile(
    r"^(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]?(?:\s*[(\uff08].[)\uff09])?\s*"
    r"(?:(\d{1,2})\s*[:：時时시点]\s*(\d{1,2})?\s*[分분]?)?"
)


def in_english(text: str) -> str | None:
    """``text`` as an English date; None when it names no month of another language."""
    east_asian = _EAST_ASIAN.match(text)
    if east_asian:
        year, month, day, hour, minute = east_asian.groups()
        clock = f" {int(hour):02}:{int(minute or 0):02}" if hour else ""
        return f"{year}-{int(month):02}-{int(day):02}{clock}"
    found = False

    def translated(word: re.Match[str]) -> str:
        nonlocal found
        english = _MONTHS.get(word.group().rstrip(".").casefold())
        found = found or english is not None
        return english or word.group()

    plain = _WORD.sub(translated, text)
    if not found:
        return None
    plain = _DAY_MARK.sub(r"\1", _LEADING_DAY.sub("", plain))
    return " ".join(_CLOCK.sub(_colon, _FILLING.sub(" ", _FILLING.sub(" ", plain))).replace(",", " ").split())


def _colon(clock: re.Match[str]) -> str:
    return ":" if len(clock.group()) == 1 and clock.group() in "hH." else ""
