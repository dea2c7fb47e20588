"""Two systems on the same topics: means, and the interval of their difference by a paired bootstrap. Pure.

Topics are resampled with replacement, both systems keeping theirs (Smucker, Allan, Carterette, CIKM 2007). The numbers
drawn are an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialwright.registry.evaluation.measures import judged_only, ndcg, precision, recall
from trialwright.registry.evaluation.topics import Benchmark

Ranking = Callable[[str], Sequence[str]]
"""A system: a topic's text to the keys of records, best first, 1,000 at most."""

DEEPEST = 1000
MEASURES = ("nDCG@10", "P@10", "recall@100")


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure of two systems over the same topics.

    Args:
        measure: Its name.
        topics: How many topics were averaged: those with a relevant record.
        ours: Mean of our search.
        baseline: Mean of the baseline.
        low: Lower end of the 95 % interval of ``ours - baseline``.
        high: Its upper end.
    """

    measure: str
    topics: int
    ours: float
    baseline: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """Ours less the baseline."""
        return self.ours - self.baseline


@dataclass(frozen=True, slots=True)
class Rule:
    """How a list is measured.

    Args:
        relevant_from: The grade from which a record counts as relevant in P@10 and recall@100.
        unjudged_dropped: Whether unjudged records are taken out of a list first; else they count as not relevant.
    """

    relevant_from: int = 2
    unjudged_dropped: bool = False


def ranked_lists(benchmark: Benchmark, system: Ranking) -> Mapping[str, Sequence[str]]:
    """Each topic's list by one system, so that several rules can be measured from one run."""
    return {topic.identifier: tuple(system(topic.text))[:DEEPEST] for topic in benchmark.topics}


def compare(
    benchmark: Benchmark,
    ours: Mapping[str, Sequence[str]],
    baseline: Mapping[str, Sequence[str]],
    rule: Rule,
    draws: NDArray[np.float64],
) -> tuple[Compared, ...]:
    """Every measure of two systems.

    Args:
        benchmark: Judgements of the records held (``Benchmark.within``).
        ours: Topic to list.
        baseline: Topic to list.
        rule: How lists are measured.
        draws: Numbers in [0, 1), shape ``(resamples, topics)``; with fewer topics the first columns are used.

    Returns:
        One row per measure; a measure that no topic can have is left out.
    """
    rows = []
    for name in MEASURES:
        topics = [one.identifier for one in benchmark.topics if _can_have(name, benchmark.grades[one.identifier], rule)]
        if not topics:
            continue
        pairs = np.array(
            [[_measured(name, found[one], benchmark.grades[one], rule) for one in topics] for found in (ours, baseline)]
        )
        low, high = interval(pairs[0] - pairs[1], draws[:, : len(topics)])
        rows.append(Compared(name, len(topics), float(pairs[0].mean()), float(pairs[1].mean()), low, high))
    return tuple(rows)


def interval(differences: NDArray[np.float64], draws: NDArray[np.float64]) -> tuple[float, float]:
    """The 95 % percentile interval of a mean, by resampling with the numbers drawn.

    Args:
        differences: One per topic; shape ``(topics,)``.
        draws: In [0, 1); shape ``(resamples, topics)``.
    """
    chosen = (draws * len(differences)).astype(np.intp)
    low, high = np.quantile(differences[chosen].mean(axis=1), (0.025, 0.975))
    return float(low), float(high)


def _can_have(measure: str, grades: Mapping[str, int], rule: Rule) -> bool:
    needed = 1 if measure.startswith("nDCG") else rule.relevant_from
    return any(grade >= needed for grade in grades.values())


def _measured(measure: str, ranked: Sequence[str], grades: Mapping[str, int], rule: Rule) -> float:
    found = judged_only(ranked, grades) if rule.unjudged_dropped else ranked
    if measure == "nDCG@10":
        return ndcg(found, grades)
    if measure == "P@10":
        return precision(found, grades, rule.relevant_from)
    return recall(found, grades, rule.relevant_from)
