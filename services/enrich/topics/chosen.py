"""Which model of topics speaks beside the lexicon, by the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.enrich.settings import EnrichSettings

if TYPE_CHECKING:
    from services.enrich.topics.model import TopicModel


def chosen_model(settings: EnrichSettings) -> TopicModel | None:
    """The model that is named, else that under ``var``, else none.

    Raises :class:`services.enrich.topics.model.ModelUnusable`, also where a named one is missing.
    """
    if settings.enrich_topics_model is None and not settings.topics_model.exists():
        return None
    from services.enrich.topics.model import TopicModel  # it brings numpy

    return TopicModel.load(settings.topics_model)
