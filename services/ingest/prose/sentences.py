"""Where the first sentence of a text ends, in any script, and the title made of it."""

from __future__ import annotations

import re
import unicodedata

TITLE_CHARACTERS = 120
"""The longest title that we make up ourselves."""

_ABBREVIATIONS = frozenset(
    # English
    "mr mrs ms dr prof sr jr st vs etc gen col lt capt sgt maj cmdr adm gov sen rep hon rev pres inc ltd "
    "co corp no nos vol dept est approx jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri "
    "sat sun ft mt fig ave blvd u.s u.k u.n e.g i.e a.m p.m ph.d "
    # French, Spanish, Portuguese, Italian
    "m mm mme mmes mlle mlles me pr cf av env janv févr avr juil déc sra srta dra ud uds ee.uu pág núm "
    "exmo dott dott.ssa sig sig.ra on avv ing arch s.a s.p.a "
    # German, Dutch, Scandinavian
    "bzw ca evtl ggf inkl mio mrd nr str usw vgl z.b d.h u.a o.ä s.o geb gest dhr mevr drs mr.dr bijv o.a "
    "bl.a f.eks t.ex kl hr fr "
    # Slavic, Turkish
    "г гг ул им тыс млн млрд руб т.е т.д т.п т.к др проф акад св напр r.b tzv např mj hod tys godz ul "
    "tzn m.in np prof.dr doç yrd".split()
)
_ENDERS = ".!?…"
_CLOSERS = "\"'”’»›)]}」』）】"
_CANDIDATE = re.compile(
    rf"(?P<hard>[。！？｡؟۔।॥]+[{re.escape(_CLOSERS)}]*)"
    rf"|(?P<soft>[{re.escape(_ENDERS)}]+[{re.escape(_CLOSERS)}]*)(?=\s|$)"
)
_INITIALS = re.compile(r"^(?:\w\.)*\w$")
_ORDINAL = re.compile(r"^\d{1,2}$")
_TOKEN_CHARACTERS = 24
_LOOKED_AT_CHARACTERS = 2000
_BREAKABLE = 0.6
"""A cut moves back to a space only as far as this share of the limit; scripts without spaces are cut hard."""


def collapse(text: str) -> str:
    """``text`` on one line, every run of white space made one space."""
    if text.isprintable() and "  " not in text:  # Then its only white space are single blanks.
        return text.strip(" ")
    return " ".join(text.split())


def first_sentence(text: str) -> str:
    """The text up to the end of its first sentence, or all of it."""
    for found in _CANDIDATE.finditer(text):
        if found["hard"] or _ends_here(text, found):
            return text[: found.end()]
    return text


def ends_like_sentence(text: str) -> bool:
    """Whether ``text`` ends with a full stop of any script that is not part of an abbreviation."""
    stripped = text.rstrip().rstrip(_CLOSERS)
    if not stripped.endswith((".", "。", "｡", "۔", "।")):
        return False
    return not stripped.endswith(".") or not _is_abbreviation(_token_before(stripped, len(stripped) - 1))


def derived_title(body: str) -> str:
    """The first sentence of ``body``, cut at a word to at most 120 characters, ``…`` included."""
    paragraph = body[:_LOOKED_AT_CHARACTERS].split("\n\n", 1)[0]
    return shorten(collapse(first_sentence(paragraph)))


def shorten(text: str, limit: int = TITLE_CHARACTERS) -> str:
    """``text`` in at most ``limit`` characters, cut between words where there are any."""
    if len(text) <= limit:
        return text
    cut = limit - 1
    while cut > 1 and (unicodedata.combining(text[cut]) or text[cut] in "\u200d\ufe0f"):
        cut -= 1
    if not text[cut].isspace():
        space = text.rfind(" ", 0, cut)
        cut = space if space >= limit * _BREAKABLE else cut
    return text[:cut].rstrip(" ,;:—–-") + "…"


def _ends_here(text: str, found: re.Match[str]) -> bool:
    following = text[found.end() : found.end() + _TOKEN_CHARACTERS].lstrip()
    if following and following[0].islower():
        return False
    if found["soft"][0] != ".":
        return True
    return not following or not _is_abbreviation(_token_before(text, found.start()))


def _token_before(text: str, end: int) -> str:
    return re.split(r"[\s(\[\"'“‘«’]", text[max(end - _TOKEN_CHARACTERS, 0) : end])[-1]


def _is_abbreviation(token: str) -> bool:
    word = token.casefold()
    if word in _ABBREVIATIONS or _ORDINAL.match(word):
        return True
    return bool(_INITIALS.match(token)) and not token.isdigit() and token[0].isalpha() and token[-1].isalpha()
