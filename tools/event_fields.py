"""What each field of an event means, a line each, for the catalogue. A field means the same everywhere."""

from __future__ import annotations

MEANINGS = {
    # the envelope
    "event_id": "the same for the same fact, however often it is written",
    "type": "the wire type",
    "schema_version": "the version of this shape",
    "occurred_at": "the writer's clock",
    "recorded_at": "the log's clock; never falls within a partition",
    "position": "the place in its partition: 1, 2, 3 … without gaps",
    "correlation_id": "what belongs together: everything that came of one seed",
    "causation_id": "the event that led to this one",
    # articles
    "article_id": "which article",
    "version": "its version, from 1",
    "content_sha256": "where its text stands in the content store",
    "previous_content_sha256": "where the text of the version before stands",
    "enrichment_sha256": "where the enrichment stands in the content store",
    "source_id": "where the article comes from: the first folder under `seeds/`",
    "seed": "the file that was read",
    "format": "the format that the file was read as",
    "parser_version": "the version of the parser that read it",
    "charset": "how the bytes became text",
    "language": "the language of the text",
    "published_at": "when its source published it",
    "updated_at": "when its source last changed it",
    "urgency": "as its source says it: 1 is a flash, 8 can wait",
    "topics": "IPTC Media Topics",
    "title_derived": "whether the title was made from the body",
    "character_count": "the length of the text in Unicode code points",
    "warnings": "codes of what was odd about the file",
    "reason": "a code, such as `wire_canceled`",
    "content_sha256s": "the texts that were erased",
    "enrichment_sha256s": "what was found in them, erased too",
    "first_path": "the seed that held these bytes first",
    "code": "a stable code",
    "detail": "more about the code; never text of an article",
    "of_position": "where the version that was enriched stands",
    "enricher": "which engine spoke",
    "entities": "people, places and organisations, without their names",
    "story_id": "the story that the article belongs to",
    # channels
    "channel": "the name of the channel",
    "channel_title": "its title for people",
    "channel_version": "the sha256 of the definition that was in force",
    "number": "the number of the digest: 1, 2, 3 … without gaps",
    "window": "what the digest covers",
    "items": "the articles, best first",
    "notices": "corrections and retractions of what earlier digests carried",
    "bodies": "format (`json`, `text`, `html`) → sha256 of the rendered bytes",
}
"""By field of an event; the fields of the values inside are told by the value's own sentences."""
