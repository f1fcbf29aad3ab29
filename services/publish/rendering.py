"""A digest as bytes, in every format it goes out in: rendered once, at the freeze.

The same digest and channel give the same bytes. What came from outside is text to us, never markup.
"""

from __future__ import annotations

from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from newsfeed.channels import Channel
from newsfeed.shown import UNKNOWN_LANGUAGE, direction_of, plain, web_address
from services.publish.digests import Digest
from services.publish.plaintext import plain_text
from services.publish.wording import Wording

Rendered = dict[str, bytes]
"""The bodies of a digest by format: ``json``, ``text``, ``html``."""


def render(digest: Digest, channel: Channel) -> Rendered:
    """The three bodies: JSON as programs get it, text for terminals and e-mail, a page for people."""
    wording = Wording(channel)
    page = _environment().get_template("digest.html").render(digest=digest, channel=channel, words=wording)
    return {
        "json": digest.canonical_bytes(),
        "text": plain_text(digest, wording).encode(),
        "html": page.encode(),
    }


@cache
def _environment() -> Environment:
    """Made at the first digest: to import this module opens no file."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("services.publish"), PackageLoader("newsfeed", "styles")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "plain": plain,
        "web_address": web_address,
        "direction": direction_of,
        "language_tag": lambda code: "" if code in {None, UNKNOWN_LANGUAGE} else code,
    }
    return environment
