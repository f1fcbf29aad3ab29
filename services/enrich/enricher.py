"""The built-in enricher: an article in, what is in it out; pure, deterministic, offline."""

from __future__ import annotations

from newsfeed.documents import ArticleDocument, EnrichmentDocument
from services.enrich.entities import find_entities
from services.enrich.language import identify
from services.enrich.text import tokenise
from services.enrich.topics import find_topics

LEAD_CHARACTERS = 600
"""The lead is the first paragraph of the body, at most this long."""


class Enricher:
    """Finds language, entities and topics by rules and curated names.

    ``version`` changes whenever the same text could give another document.
    """

    name = "builtin"
    version = "2"

    def enrich(
        self,
        document: ArticleDocument,
        declared_language: str | None = None,
        declared_topics: tuple[str, ...] = (),
    ) -> EnrichmentDocument:
        """Enrich one version of an article; never raises, whatever the text is.

        ``declared_language`` is what the source says (BCP 47), ``declared_topics`` its ``medtop``
        codes. Every offset is a half-open range of code points of ``document.text``.
        """
        text = document.text
        language = identify(text, declared_language)
        tokens = tokenise(text)
        title_end, lead_end = _bounds(document, text)
        return EnrichmentDocument(
            language=language,
            entities=find_entities(text, tokens, language.code, title_end, lead_end),
            topics=find_topics(tokens, language.code, lead_end, declared_topics),
        )


def _bounds(document: ArticleDocument, text: str) -> tuple[int, int]:
    """Where headline and lead end, in characters of the text."""
    has_title = bool(document.body) and not document.title_derived
    body_start = len(document.title) + 2 if has_title else 0
    end = text.find("\n", body_start)
    lead_end = len(text) if end < 0 else end
    return (len(document.title) if has_title else 0), min(lead_end, body_start + LEAD_CHARACTERS)
