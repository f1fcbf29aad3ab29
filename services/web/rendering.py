"""Pages as responses: one environment of templates, one policy of what a page may do."""

from __future__ import annotations

from datetime import datetime
from functools import cache, partial
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from newsfeed.channels import FrameLanguage
from newsfeed.shown import direction_of, web_address
from services.web.catalogue import Known
from services.web.form_words import FORM_WORDS
from services.web.words import WORDS, Words

POLICY = (
    "default-src 'none'; style-src 'self'{style}; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


@cache
def environment() -> Environment:
    """Made at the first page: to import this module opens no file."""
    made = Environment(
        loader=PackageLoader("services.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"direction": direction_of, "web_address": web_address}
    return made


def page(
    request: Request,
    template: str,
    language: FrameLanguage,
    known: Known | None = None,
    status: int = 200,
    style_source: str = "",
    **context: object,
) -> HTMLResponse:
    """A page in a language; ``style_source`` is the one style sheet in it that may be used."""
    words, zone = WORDS[language], known.zone if known else ZoneInfo("UTC")
    html = (
        environment()
        .get_template(template)
        .render(
            words=words,
            forms=FORM_WORDS[language],
            language=language,
            known=known,
            path=request.url.path,
            moment=partial(moment, words, zone=zone),
            counted=partial(counted, words),
            **context,
        )
    )
    policy = POLICY.format(style=f" {style_source}" if style_source else "")
    headers = {"content-security-policy": policy, "cache-control": "no-cache", "content-language": language}
    return HTMLResponse(html, status, headers)


def language_of(request: Request) -> FrameLanguage:
    """The first language that a reader's browser asks for and we speak; English otherwise."""
    ranked: list[tuple[float, str]] = []
    for part in request.headers.get("accept-language", "").split(",")[:20]:
        tag, _, quality = part.partition(";q=")
        try:
            ranked.append((-float(quality or 1), tag.strip().lower().partition("-")[0]))
        except ValueError:
            continue
    wanted = [tag for _, tag in sorted(ranked, key=lambda one: one[0])]
    return next((known for tag in wanted for known in WORDS if known == tag), "en")


def moment(words: Words, at: datetime, zone: ZoneInfo) -> str:
    """Date and time in words, to the minute."""
    locale, local = Locale.parse(words.locale), at.astimezone(zone)
    day = format_date(local, "long", locale=locale)
    return f"{day}, {format_time(local, 'short', tzinfo=zone, locale=locale)}"


def language_name(words: Words, code: str) -> str:
    """The name of a language in the language of the page."""
    return str(Locale.parse(words.locale).languages.get(code, code))


def counted(words: Words, count: int) -> str:
    """How many articles a digest has; of one without any, what it has instead."""
    if not count:
        return words.notices_only
    return words.articles_one if count == 1 else words.articles_more.format(count=count)
