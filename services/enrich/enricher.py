"""The built-in enricher: an article in, what is in it out; pure, deterministic, offline."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from newsfeed.documents import ArticleDocument, EnrichmentDocument
from services.enrich.language import identify
from services.enrich.linking import Passage, link
from services.enrich.parts import bounds
from services.enrich.phrases import find_phrases
from services.enrich.recognition.recognised import Recogniser, warnings
from services.enrich.summary import summarise
from services.enrich.text import tokens_to_read
from services.enrich.topics import find_topics

if TYPE_CHECKING:  # it brings numpy, which most commands do without
    from services.enrich.topics.model import TopicModel

VERSION = "8"


class Enricher:
    """Finds language, entities, topics, key phrases and a summary.

    ``version`` changes whenever the same text could give another document: the engine that recognises
    names is part of it, and a newsroom's model of topics with the weight of its word beside the lexicon.
    Without an engine it is the one that ships in the package.
    """

    name = "builtin"

    def __init__(
        self,
        topic_model: TopicModel | None = None,
        topic_weight: float = 0.5,
        recogniser: Recogniser | None = None,
    ) -> None:
        from services.enrich.recognition.seconded import SecondedRecogniser

        self._topic_model = topic_model
        self._topic_weight = topic_weight
        self._recogniser: Recogniser = recogniser or SecondedRecogniser()
        self.version = f"{VERSION}+{self._recogniser.name}.{self._recogniser.version}"
        if topic_model is not None:
            self.version += f"+topics.{topic_model.sha256[:12]}.{topic_weight:g}"

    def enrich(
        self,
        document: ArticleDocument,
        declared_language: str | None = None,
        declared_topics: tuple[str, ...] = (),
        published_on: date | None = None,
    ) -> EnrichmentDocument:
        """Enrich one version of an article; never raises, whatever the text is.

        ``declared_language`` is what the source says (BCP 47), ``declared_topics`` its ``medtop``
        codes; names mean what they meant on the day it was published. Every offset is a half-open
        range of code points of ``document.text``.
        """
        text = document.text
        language = identify(text, declared_language)
        tokens = tokens_to_read(text)
        title_end, lead_end = bounds(document, text)
        passage = Passage(text, tokens, language.code, title_end, lead_end, published_on)
        entities = link(passage, self._recogniser.recognise(text, tokens, language.code))
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
            warnings=(*warnings(tokens), *phrase_warnings, *summary_warnings),
        )
