"""What an article is about, in IPTC Media Topics: by lexicon, by the source, by a newsroom's model."""

from services.enrich.topics.finding import find_topics

__all__ = ["find_topics"]
