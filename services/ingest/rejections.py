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
    "not_news": "It describes concepts, plans or a catalogue of an agency, not news; keep it elsewhere.",
    "no_articles": "The feed or message has no entries, the table no rows, the web archive no pages.",
    "columns_unknown": "Name a column `title` or `body`, or map the columns of this source.",
    "parser_not_installed": "Install the extra that `detail` names, newsfeed[pdf] or newsfeed[warc].",
    "encrypted": "Save it without a password.",
    "archive_encrypted": "Pack its files without a password.",
    "archive_too_many": "Pack fewer files: at most 1,000 are read from one archive.",
    "archive_too_large": "It expands to more than 50 MiB, or to more than 100 times its size; split it.",
    "archive_nested": "Unpack the archive inside it and drop its files.",
    "archive_unsafe_name": "A file in it is a link, or its name leads out of the archive.",
    "archive_without_news": "None of its files could be read; `detail` has their codes.",
    "timeout": "An article took longer than NEWSFEED_PARSE_SECONDS, or all of them far longer; split it.",
    "memory": "Reading it took too much memory; NEWSFEED_PARSE_MEMORY_BYTES is the limit.",
    "parser_crashed": "It ended the reader: that is a bug, please report it. Try another format.",
    "parser_failed": "The reader has a bug, `detail` says where: please report it. Try another format.",
    "unreadable": "The file could not be opened. Check its permissions; touch it to have it tried again.",
}

DEFAULT_HINT = "Correct the file and save it: a new version is a new attempt."


def hint_for(code: str) -> str:
    """One sentence for the reason file."""
    return HINTS.get(code, DEFAULT_HINT)
