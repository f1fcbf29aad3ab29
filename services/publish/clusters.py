"""Articles that tell the same: near-duplicates, and those of one story, become one item with a lead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from services.publish.selecting import Selected

ALIKE = 0.5
"""From this likeness on (the Jaccard index of shingles) two articles are near-duplicates."""

Cluster = tuple[Selected, ...]
"""The lead first, then the others in the order of the digest."""


def clustered(selected: Sequence[Selected]) -> list[Cluster]:
    """The clusters of a digest, each under its lead, in the order of their leads.

    ``selected`` is in the order of the digest: the best score first. The lead has the best score, and
    of those with the same the earliest; in a bundle it is of the first section that any of them is of.
    """
    groups: dict[str, list[Selected]] = {}
    roots = _roots(selected)
    for one in selected:
        groups.setdefault(roots[one.article_id], []).append(one)
    clusters = [_led(group) for group in groups.values()]
    return sorted(clusters, key=lambda cluster: cluster[0].rank)


def shared_out(clusters: Sequence[Cluster], count: int) -> tuple[list[Cluster], list[Cluster]]:
    """The first clusters of a digest, at most so many, and those beyond; each in the order of the digest.

    The sections of a bundle take turns, so that a long one does not crowd out those behind it.
    """
    taken, turns = Counter[int](), list[int]()
    for lead, *_ in clusters:
        turns.append(taken[lead.place])
        taken[lead.place] += 1
    first = {*sorted(range(len(clusters)), key=lambda at: (turns[at], at))[:count]}
    shown = [cluster for at, cluster in enumerate(clusters) if at in first]
    return shown, [cluster for at, cluster in enumerate(clusters) if at not in first]


def _led(group: Sequence[Selected]) -> Cluster:
    lead = min(group, key=lambda one: one.seniority)
    return (lead, *(one for one in group if one is not lead))


def _roots(selected: Sequence[Selected]) -> dict[str, str]:
    """For each article one that stands for its cluster: the same for all of the cluster."""
    parents = {one.article_id: one.article_id for one in selected}

    def root(article_id: str) -> str:
        while parents[article_id] != article_id:
            parents[article_id] = parents[parents[article_id]]
            article_id = parents[article_id]
        return article_id

    stories: dict[str, str] = {}
    for one in selected:
        for other in _related(one, stories):
            if other in parents:
                first, second = sorted((root(one.article_id), root(other)))
                parents[second] = first
    return {article_id: root(article_id) for article_id in parents}


def _related(one: Selected, stories: dict[str, str]) -> Iterable[str]:
    """The articles that it is alike, and the first seen of its story."""
    enriched = one.candidate.enriched
    yield from (alike.article_id for alike in enriched.alike if alike.likeness >= ALIKE)
    if enriched.story_id:
        yield stories.setdefault(enriched.story_id, one.article_id)
