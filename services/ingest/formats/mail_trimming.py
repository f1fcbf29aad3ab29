"""What stands under a message and is no part of it: the signature, and the mail that it answers."""

from __future__ import annotations

import re

SIGNATURE_TRIMMED = "signature_trimmed"
QUOTE_TRIMMED = "quoted_reply_trimmed"

_SIGNATURE = re.compile(r"(?m)^-- {1,3}$|^--$(?=(?:\n.*){0,6}\Z)")
"""The mark has a blank at its end; without one it counts when few lines follow."""

_QUOTED = re.compile(r"^\s*(?:>|\|\s)")
_ATTRIBUTION = re.compile(
    r"(?:wrote|writes|schrieb|a écrit|écrit|escribió|scrisse|ha scritto|escreveu|schreef|skrev"
    r"|napisał\(?a?\)?|пишет|писал\(?а?\)?|написал\(?а?\)?|yazdı|写道|寫道|のメール)\s*[^\n]{0,80}[:：]?\s*$",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"(?m)^[ \t]*-{2,}\s*(?:original message|ursprüngliche nachricht|message d'origine|mensaje original"
    r"|messaggio originale|mensagem original|oorspronkelijk bericht|исходное сообщение|原始邮件"
    r")\s*-{2,}[ \t]*$",
    re.IGNORECASE,
)
_ATTRIBUTION_LINES = 3


def trimmed(text: str) -> tuple[str, list[str]]:
    """The text without signature and trailing quotation, as far as anything is left, and what was cut."""
    warnings: list[str] = []
    for cut, warning in ((_without_quote, QUOTE_TRIMMED), (_without_signature, SIGNATURE_TRIMMED)):
        rest = cut(text)
        if rest != text and rest.strip():
            text = rest
            warnings.append(warning)
    return text, warnings


def _without_signature(text: str) -> str:
    """Up to the last line that is ``-- ``: an earlier one may stand in a quotation."""
    marks = list(_SIGNATURE.finditer(text))
    return text[: marks[-1].start()].rstrip() if marks else text


def _without_quote(text: str) -> str:
    """Up to the quotation that ends the message, and the line that introduces it."""
    original = _ORIGINAL.search(text)
    if original:
        return text[: original.start()].rstrip()
    lines = text.rstrip().split("\n")
    body = _before_signature(lines)
    start = body
    while start and (_QUOTED.match(lines[start - 1]) or not lines[start - 1].strip()):
        start -= 1
    if not any(_QUOTED.match(line) for line in lines[start:body]):
        return text
    start = _before_attribution(lines, start)
    return "\n".join([*lines[:start], *lines[body:]]).rstrip()


def _before_signature(lines: list[str]) -> int:
    marks = [index for index, line in enumerate(lines) if _SIGNATURE.match(line)]
    return marks[-1] if marks else len(lines)


def _before_attribution(lines: list[str], start: int) -> int:
    """Where the sentence begins that introduces a quotation; it may be wrapped."""
    for count in range(1, _ATTRIBUTION_LINES + 1):
        sentence = " ".join(lines[max(start - count, 0) : start])
        if not lines[max(start - count, 0)].strip():
            break
        if _ATTRIBUTION.search(sentence) and (count > 1 or _looks_whole(sentence)):
            return start - count
    return start


def _looks_whole(sentence: str) -> bool:
    """Whether one line holds a whole attribution: it names a day or an address."""
    return re.search(r"\d|@|<", sentence) is not None


def unflowed(text: str, *, deletes_space: bool) -> str:
    """The paragraphs of ``format=flowed`` (RFC 3676): a line that ends in a space goes on in the next."""
    lines: list[list[str]] = []
    is_open = False
    for raw in text.split("\n"):
        line = raw.removeprefix(" ")
        is_quoted = line.startswith(">")
        goes_on = line.endswith(" ") and line != "-- " and not is_quoted
        shown = line[:-1] if goes_on and deletes_space else line
        if is_open and not is_quoted and line != "-- ":
            lines[-1].append(shown)
        else:
            lines.append([shown])
        is_open = goes_on
    return "\n".join(map("".join, lines))
