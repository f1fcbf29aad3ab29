"""What an editor can do about a rejected seed, by the code of its rejection."""

from __future__ import annotations

HINTS = {
    "empty": "The file has no content. Save it again, or delete it.",
    "too_large": "Split the file, or raise NEWSFEED_MAX_SEED_BYTES.",
    "too_large_text": "One article in it is longer than the log keeps; split it.",
    "unknown_format": "Its content is of no format that is read here; docs/folder.md lists them.",
    "corrupt": "The file is damaged or cut off at the place that `detail` names. Export or copy it again.",
    "yaml_alias": "Write the front matter without YAML anchors and aliases.",
    "front_matter_too_large": "Shorten the front matter, or close it with a line of its own: --- or +++.",
    "no_text": "Neither a title nor a body was found in it.",
    "metadata_only": "The item has dates and codes, but neither a headline nor a text to read.",
    "no_articles": "The feed, or the message, has no entries.",
    "not_news": "It describes concepts, plans or a catalogue of an agency, not news; keep it elsewhere.",
    "timeout": "Reading it took longer than NEWSFEED_PARSE_SECONDS; it may be nested far too deeply.",
    "memory": "Reading it took too much memory; NEWSFEED_PARSE_MEMORY_BYTES is the limit.",
    "parser_crashed": "It ended the reader: that is a bug, please report it. Try another format.",
    "parser_failed": "The reader has a bug, `detail` says where: please report it. Try another format.",
    "unreadable": "The file could not be opened. Check its permissions; touch it to have it tried again.",
}

DEFAULT_HINT = "Correct the file and save it: a new version is a new attempt."


def hint_for(code: str) -> str:
    """One sentence for the reason file."""
    return HINTS.get(code, DEFAULT_HINT)
