"""The enricher that the settings ask for."""

from __future__ import annotations

from services.enrich.enricher import Enricher
from services.enrich.recognition.engines import engine
from services.enrich.settings import EnrichSettings
from services.enrich.topics.chosen import chosen_model


def chosen_enricher(settings: EnrichSettings) -> Enricher:
    """Loads the engine and the newsroom's model of topics, if there is one.

    Raises ``EngineUnavailable`` for an engine that is not installed.
    """
    return Enricher(chosen_model(settings), settings.enrich_topics_weight, engine(settings.enrich_engine))
