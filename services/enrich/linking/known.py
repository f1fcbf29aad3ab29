"""What an id stands for."""

from __future__ import annotations

from services.enrich.linking.places import Places
from services.enrich.linking.records import Records


def name_of(entity_id: str) -> str | None:
    """The English name of a known entity; None for one that is not known."""
    record = Records.load().by_id.get(entity_id)
    if record is not None:
        return record.name
    place = Places.load().by_id(entity_id)
    return None if place is None else place.name
