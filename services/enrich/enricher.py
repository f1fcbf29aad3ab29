"""The built-in enricher: an article in, what is in it out; pure, deterministic, offline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsfeed.documents import ArticleDocument, EnrichmentDocument
from services.enrich.entities import find_entities
from services.enrich.language import identify
from services.enrich.parts import bounds
from services.enrich.phrases import find_phrases
from services.enrich.summary import summarise
from services.enrich.text import tokenise
from services.enrich.topics import find_topics

if TYPE_CHECKING:  # it brings numpy, which most commands do without
    from services.enrich.topics.model import TopicModel

VERSION = "4"


class Enricher:
    """Finds language, entities, topics, key phrases and a summary by rules and curated names.

    ``version`` changes whenever the same text could give another document. A newsroom's model of
    topics is part of it, with the weight of its word beside the lexicon.
    """

    name = "builtin"

    def __init__(self, topic_model: TopicModel | None = None, topic_weight: float = 0.5) -> None:
        self._topic_model = topic_model
        self._topic_weight = topic_weight
        self.version = VERSION
        if topic_model is not None:
            self.version += f"+topics.{topic_model.sha256[:12]}.{topic_weight:g}"

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
            topics=find_topics(
                tokens,
                language.code,
                lead_end,
                declared_topics,
                self._topic_model.scores(tokens) if self._topic_model else None,
                self._topic_weight,
            ),
            phrases=phrases,
            summary=summary,
            warnings=(*phrase_warnings, *summary_warnings),
        )
