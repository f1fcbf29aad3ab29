"""What a channel asks for in a line of text: the grammar of ``docs/queries.md``, read and written."""

from newsfeed.queries.clauses import And, Clause, Everything, Not, Or, Query, Score, Text, Urgency
from newsfeed.queries.lexing import QueryInvalid
from newsfeed.queries.parsing import parse_query

__all__ = [
    "And",
    "Clause",
    "Everything",
    "Not",
    "Or",
    "Query",
    "QueryInvalid",
    "Score",
    "Text",
    "Urgency",
    "parse_query",
]
