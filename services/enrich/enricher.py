"""The built-in enricher: an article in, what is in it out; pure, deterministic, offline."""

from __future__ import annotations

from newsfeed.documents import ArticleDocument, EnrichmentDocument
from services.enrich.entities import find_entities
from services.enrich.language import identify
from services.enrich.parts import bounds
from services.enrich.phrases import find_phrases
from services.enrich.summary import summarise
from services.enrich.text import tokenise
from services.enrich.topics import find_topics


class Enricher:
    """Finds language, entities, topics, key phrases and a summary by rules and curated names.

    ``version`` changes whenever the same text could give another document.
    """

    name = "builtin"
    version = "3"

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
        title_end, lead_end = bounds(document, text)
        entities = find_entities(text, tokens, language.code, title_end, lead_end)
        phrases, phrase_warnings = find_phrases(text, tokens, language.code, entities, (title_end, lead_end))
        summary, summary_warnings = summarise(document, text, tokens, language.code)
        return EnrichmentDocument(
            language=language,
            entities=entities,
            topics=find_topics(tokens, language.code, lead_end, declared_topics),
            phrases=phrases,
            summary=summary,
            warnings=(*phrase_warnings, *summary_warnings),
        )
