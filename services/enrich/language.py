"""The language of a text: what py3langid detects, weighed against what the source declares.

The declared language wins where there is too little text to tell or the detector is unsure; the
detected one where they clearly conflict. Neither can contradict the script.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections import Counter
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsfeed.documents import Language
from newsfeed.zstd import ZstdFile

if TYPE_CHECKING:  # it brings numpy, which most commands do without
    from numpy.typing import NDArray

SAMPLE_CHARACTERS = 2_000
"""py3langid reaches its best on this many (four sentences are enough for 17 languages)."""

SHORT_LETTERS = 20
CLEAR_LETTERS = 60
"""Letters a text needs for the detector to overrule its source."""

CLEAR_CONFIDENCE = 0.9
SCRIPT_CONFIDENCE = 0.9

_ONE_LANGUAGE = {
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "CJK": "zh",
    "GREEK": "el",
    "HEBREW": "he",
}
_ONE_LANGUAGE |= {
    "THAI": "th",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
    "TAMIL": "ta",
    "TELUGU": "te",
    "KHMER": "km",
}
_ONE_LANGUAGE |= {"LAO": "lo", "GUJARATI": "gu", "GURMUKHI": "pa", "KANNADA": "kn", "MALAYALAM": "ml"}
_ONE_LANGUAGE |= {"SINHALA": "si", "MYANMAR": "my", "ETHIOPIC": "am", "BENGALI": "bn", "ORIYA": "or"}
_SEVERAL = {
    "CYRILLIC": frozenset("ru uk be bg sr mk kk ky mn tg tt ba cv os".split()),
    "ARABIC": frozenset("ar fa ur ps ku ckb ug sd".split()),
    "DEVANAGARI": frozenset("hi mr ne sa".split()),
}
_ELSEWHERE = frozenset(_ONE_LANGUAGE.values()).union(*_SEVERAL.values()) - {"sr", "ku", "kk", "tt"}
_USUAL = {"CYRILLIC": "ru", "ARABIC": "ar", "DEVANAGARI": "hi"}
_ALIKE = (frozenset({"no", "nb", "nn", "da"}), frozenset({"hr", "bs", "sr", "sh"}), frozenset({"id", "ms"}))
_CODES = {"iw": "he", "in": "id", "no": "nb", "zho": "zh", "cmn": "zh", "yue": "zh", "fra": "fr", "deu": "de"}
_CODES |= {
    "eng": "en",
    "spa": "es",
    "ita": "it",
    "por": "pt",
    "rus": "ru",
    "ukr": "uk",
    "ara": "ar",
    "tur": "tr",
}

_WRITTEN = frozenset(
    """
    af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk
    km kn ko ku ky lo lt lv mk ml mn mr ms my ne nl no or pa pl ps pt ro ru si sk sl so sq sr sv sw ta te th
    tl tr uk ur uz vi zh
    """.split()
)
"""Languages in which there is daily news; the detector knows others, and hears them in short texts."""

_SELDOM, _SELDOM_SHARE, _RARE_SHARE = frozenset({"bs", "gl"}), 0.05, 0.001
"""How often a text is in one that is easily taken for a bigger neighbour, or in one without daily news."""


MODEL = Path(__file__).parent / "models" / "languages" / "model.npy.zst"
"""What of py3langid's own model tells languages with daily news apart; half the size, and half the memory."""


@cache
def _identifier() -> Any:  # noqa: ANN401 - py3langid has no types
    import numpy as np
    from py3langid.langid import LanguageIdentifier

    with ZstdFile(MODEL) as file:
        weights, priors, languages, moves, rows, found = [np.lib.format.read_array(file) for _ in range(6)]
    return LanguageIdentifier(
        weights,
        priors,
        languages.tolist(),
        _array(moves),
        found.tolist(),
        norm_probs=True,
        tk_row=_array(rows),
    )


def _array(column: NDArray[Any]) -> array[int]:
    """The numbers as Python reads them faster, one by one."""
    return array(column.dtype.char, column.tobytes())


def identify(text: str, declared: str | None) -> Language:
    """The language as primary subtag; ``declared`` is BCP 47 or anything a source may have written."""
    sample = text[:SAMPLE_CHARACTERS]
    stated = primary_subtag(declared)
    letters = sum(map(str.isalpha, sample))
    if letters == 0:
        method = "declared" if stated else "none"
        return Language(
            code=stated or "und", confidence=0.5 if stated else 0.0, method=method, declared=declared
        )
    script = _script(sample)
    if script in _ONE_LANGUAGE:
        return _result(_ONE_LANGUAGE[script], SCRIPT_CONFIDENCE, "script", declared, None)
    code, confidence = _detected(sample, script, stated)
    if stated and _allowed(stated, script):
        return _weighed(stated, declared, code, confidence, letters)
    if letters < SHORT_LETTERS and script == "LATIN":
        return _result(code, min(confidence, 0.5), "detected", declared, code)
    return _result(code, confidence, "detected", declared, code)


def is_written(code: str) -> bool:
    """Whether there is daily news in a language, by the detector's code for it."""
    return code in _WRITTEN


def primary_subtag(declared: str | None) -> str | None:
    """``fr`` of ``fr-FR`` or ``FR_fr``; ``None`` for what cannot be a language."""
    first = (declared or "").strip().replace("_", "-").split("-")[0].lower()
    if not (first.isascii() and first.isalpha() and len(first) in {2, 3}) or first in {"und", "mul", "zxx"}:
        return None
    return _CODES.get(first, first)


def _weighed(stated: str, declared: str | None, code: str, confidence: float, letters: int) -> Language:
    if stated == code:
        return _result(code, max(confidence, CLEAR_CONFIDENCE), "detected", declared, code)
    alike = any(stated in group and code in group for group in _ALIKE)
    if alike or letters < CLEAR_LETTERS or confidence < CLEAR_CONFIDENCE:
        return _result(stated, max(0.5, round(1 - confidence, 3)), "declared", declared, code)
    return _result(code, confidence, "detected", declared, code)


def _result(
    code: str, confidence: float, method: str, declared: str | None, detected: str | None
) -> Language:
    rounded = round(min(max(confidence, 0.0), 1.0), 3)
    return Language.model_validate(
        {"code": code, "confidence": rounded, "method": method, "declared": declared, "detected": detected},
    )


def _detected(sample: str, script: str, stated: str | None) -> tuple[str, float]:
    """The best language that is written in the script, with its probability among those."""
    ranked = [
        (code, float(p) * _share(code, stated))
        for code, p in _identifier().rank(sample)
        if _allowed(code, script)
    ]
    total = sum(probability for _, probability in ranked)
    if not ranked or total <= 0:
        return _USUAL.get(script, "und"), 0.5
    code, probability = max(ranked, key=lambda pair: (pair[1], pair[0]))
    return _CODES.get(code, code), probability / total


def _share(code: str, stated: str | None) -> float:
    """How likely a language is before anything was read; the one that the source states is a usual one."""
    if code in _SELDOM and code != stated:
        return _SELDOM_SHARE
    return 1.0 if is_written(code) or _CODES.get(code, code) == stated else _RARE_SHARE


def _allowed(code: str, script: str) -> bool:
    if script in _SEVERAL:
        return code in _SEVERAL[script]
    return code not in _ELSEWHERE


def _script(sample: str) -> str:
    """The script of most letters, by the first word of their Unicode names; any Kana is Japanese."""
    counts = Counter[str]()
    for character, count in Counter(sample).items():
        if character.isalpha():
            counts[_script_of(character)] += count
    kana = counts["HIRAGANA"] + counts["KATAKANA"]
    if kana * 20 > counts.total():  # 5 %: Chinese quotes single Japanese names
        return "HIRAGANA"
    return min(counts, key=lambda name: (-counts[name], name))


@lru_cache(maxsize=8_192)
def _script_of(character: str) -> str:
    return unicodedata.name(character, "OTHER").split(" ")[0].split("-")[0]
