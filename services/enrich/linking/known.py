"""What an id stands for, and where it lies."""

from __future__ import annotations

from functools import lru_cache

from services.enrich.linking.places import Kind, Places
from services.enrich.linking.records import Records


def name_of(entity_id: str) -> str | None:
    """The English name of a known entity; None for one that is not known."""
    record = Records.load().by_id.get(entity_id)
    if record is not None:
        return record.name
    place = Places.load().by_id(entity_id)
    return None if place is None else place.name


@lru_cache(maxsize=4_096)
def country_around(entity_id: str) -> str | None:
    """ISO 3166 code of the country that a place lies in; None for a country itself and for all else."""
    place = Places.load().by_id(entity_id)
    return None if place is None or place.kind is Kind.COUNTRY else place.country
