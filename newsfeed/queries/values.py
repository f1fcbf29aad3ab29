"""What may stand behind the colon of a field, brought into the one form that articles have."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache

from newsfeed import vocabulary
from newsfeed.queries.lexing import QueryInvalid

_DIGITS = re.compile(r"(?:medtop:)?([0-9]{8})")
_ID = re.compile(r"[a-z0-9]+:\S+")
_COUNTRY = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def checked_value(field: str, value: str, start: int) -> str:
    """The value in its one form; raises :class:`QueryInvalid` at ``start``."""
    if not value.strip():
        raise QueryInvalid(start, f"{field}: has no value", "write it right behind the colon")
    check = _CHECKS.get(field)
    return check(value, start) if check else value


def _topic(value: str, start: int) -> str:
    if digits := _DIGITS.fullmatch(value):
        topic_id = vocabulary.SCHEME + digits[1]
        if not vocabulary.labels(topic_id):
            raise QueryInvalid(
                start, f"there is no topic {value}", "IPTC Media Topics have eight digits: 16000000"
            )
        return topic_id
    found = _by_label().get(_plain(value), ())
    if len(found) == 1:
        return found[0]
    if found:
        raise QueryInvalid(start, f"several topics are called {value!r}", f"use a code: {', '.join(found)}")
    near = get_close_matches(_plain(value), _by_label(), n=1)
    hint = f'did you mean topic:"{near[0]}"?' if near else "use its IPTC code or label: topic:16000000"
    raise QueryInvalid(start, f"there is no topic {value!r}", hint)


def _entity(value: str, start: int) -> str:
    if not _ID.fullmatch(value):
        hint = f'write wikidata:Q212; for a name use place:"{value}" or the phrase "{value}"'
        raise QueryInvalid(start, f"{value!r} is no id of an entity", hint)
    return value


def _place(value: str, start: int) -> str:
    if _COUNTRY.fullmatch(value.upper()) and value != value.upper():
        raise QueryInvalid(start, f"{value!r} is no country", f"did you mean place:{value.upper()}?")
    if not any(character.isalnum() for character in value):
        raise QueryInvalid(
            start, f"{value!r} is no place", 'such as place:UA, place:geonames:703448 or place:"Kyiv"'
        )
    return value


def _language(value: str, start: int) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise QueryInvalid(
            start, f"{value!r} is no code of a language", "it is two or three small letters: fr"
        )
    return value


_CHECKS: Mapping[str, Callable[[str, int], str]] = {
    "topic": _topic,
    "entity": _entity,
    "place": _place,
    "language": _language,
}


def is_country(place: str) -> bool:
    """Whether a place is a country by its code (ISO 3166-1 alpha-2)."""
    return bool(_COUNTRY.fullmatch(place))


def is_id(place: str) -> bool:
    """Whether a place is an id with its scheme, such as ``geonames:703448``."""
    return bool(_ID.fullmatch(place))


@cache
def _by_label() -> Mapping[str, tuple[str, ...]]:
    """The topics by their labels in every language, small letters."""
    found: dict[str, dict[str, None]] = {}
    for topic_id in vocabulary.topic_ids():
        for label in vocabulary.labels(topic_id).values():
            found.setdefault(_plain(label), {})[topic_id] = None
    return {label: tuple(ids) for label, ids in found.items()}


def _plain(label: str) -> str:
    return " ".join(label.casefold().split())
