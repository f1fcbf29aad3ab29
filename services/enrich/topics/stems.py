"""Where the forms of one word meet, language by language.

Cutting is shallow and the same for the lexicon and the text, so a stem need not be a word; what
inflects more than this has a star in the word list.
"""

from __future__ import annotations

from functools import lru_cache

from services.enrich import inflection

SHORTEST_STEM = 4
"""Letters that a cut ending leaves; three in Arabic."""

SHORTEST_ARABIC_STEM = 3
SHORTEST_GENDERED = 5
"""Letters of a Romance word before its last vowel, ``ministr`` of ``ministra``, that are left."""

COMPOUNDING = frozenset({"de", "nl", "sv", "da"})
"""Languages that write two nouns together: their words are also found at the end of longer ones."""

_ENDINGS = {
    "en": "s",
    "fr": "s x",
    "de": "ern en er em es e n s",
    "nl": "en s e",
    "sv": "ernas arnas ornas erna arna orna ens ets en et er ar or na an a s n t",
    "da": "ernes erne ene ers ens ets en et er e s n t",
}
_BY_LANGUAGE = {code: tuple(text.split()) for code, text in _ENDINGS.items()}
_PLURALS = {
    "en": (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x")),
    "pt": (("ões", "ão"), ("ães", "ão"), ("ais", "al"), ("eis", "el"), ("res", "r"), ("ns", "m")),
    "es": (("ones", "on"), ("ces", "z"), ("ales", "al"), ("ores", "or"), ("ades", "ad")),
}
_UMLAUTS = str.maketrans("äöü", "aou")
_TURKISH = str.maketrans("ı", "i")
_ARABIC_ARTICLES = ("وال", "بال", "فال", "كال", "لل", "ال")
_ARABIC_ENDINGS = ("يون", "يين", "ات", "ون", "ين", "ية", "ان", "ها", "ه", "ة", "ي")


@lru_cache(maxsize=65_536)
def normal(key: str, language: str) -> str:
    """The folded word as prefixes and endings are looked for in it: Arabic without article, and so on."""
    if language == "ar":
        return _without_article(key)
    return key.translate(_TURKISH) if language == "tr" else key


@lru_cache(maxsize=65_536)
def stem(key: str, language: str) -> str:
    """The stem of a folded word; the word itself in a language without endings here."""
    key = normal(key, language)
    if language == "ar":
        return _cut(key, _ARABIC_ENDINGS, SHORTEST_ARABIC_STEM)
    if language in _BY_LANGUAGE:
        return _germanic(key, language)
    if language in {"es", "pt", "it"}:
        return _romance(key, language)
    return inflection.stem(key, language)


def _without_article(key: str) -> str:
    for article in _ARABIC_ARTICLES:
        if key.startswith(article) and len(key) - len(article) >= SHORTEST_ARABIC_STEM:
            return key[len(article) :]
    return key


def _cut(key: str, endings: tuple[str, ...], left: int) -> str:
    for ending in endings:
        if key.endswith(ending) and len(key) - len(ending) >= left:
            return key[: -len(ending)]
    return key


def _germanic(key: str, language: str) -> str:
    """English and French plurals, the endings of German, Dutch, Swedish and Danish nouns."""
    if language == "de":
        key = key.translate(_UMLAUTS)
    key = _singular(key, language)
    if key.endswith(("ss", "us", "is")) and language in {"en", "fr"}:
        return key
    left = 3 if language in {"en", "fr"} else SHORTEST_STEM
    return _cut(key, _BY_LANGUAGE[language], left)


def _romance(key: str, language: str) -> str:
    """Without plural and, where enough is left, without the vowel that tells the gender."""
    key = _singular(key, language)
    if language != "it" and key.endswith("s") and len(key) > SHORTEST_STEM:
        key = key[:-1]
    return key[:-1] if key[-1:] in set("aeio") and len(key) > SHORTEST_GENDERED else key


def _singular(key: str, language: str) -> str:
    for plural, singular in _PLURALS.get(language, ()):
        if key.endswith(plural) and len(key) - len(plural) >= 2:  # noqa: PLR2004 - `ley` of `leyes`
            return key[: -len(plural)] + singular
    return key
