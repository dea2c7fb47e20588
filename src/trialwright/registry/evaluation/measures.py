"""How good one ranked list is, given the grades of the records that were judged. Pure.

Definitions follow trec_eval (NIST): ``ndcg_cut`` with the grade itself as gain and log2 discount, ``P`` and ``recall``
over records of at least a grade. Järvelin and Kekäläinen, ACM TOIS 2002;20:422-446, for nDCG.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2

Grades = Mapping[str, int]


def ndcg(ranked: Sequence[str], grades: Grades, depth: int = 10) -> float:
    """Normalised discounted cumulative gain of the first ``depth`` records, 0 to 1; an unjudged record gains nothing.

    >>> ndcg(["a", "b"], {"a": 2, "b": 1})
    1.0
    """
    best = _gained(sorted(grades.values(), reverse=True)[:depth])
    return _gained([grades.get(key, 0) for key in ranked[:depth]]) / best if best else 0.0


def precision(ranked: Sequence[str], grades: Grades, relevant_from: int, depth: int = 10) -> float:
    """Share of the first ``depth`` places that hold a relevant record; a list that is shorter is not forgiven."""
    return sum(grades.get(key, 0) >= relevant_from for key in ranked[:depth]) / depth


def recall(ranked: Sequence[str], grades: Grades, relevant_from: int, depth: int = 100) -> float:
    """Share of the relevant records that stand in the first ``depth`` places; 0 where none is relevant."""
    relevant = {key for key, grade in grades.items() if grade >= relevant_from}
    return len(relevant & set(ranked[:depth])) / len(relevant) if relevant else 0.0


def judged_only(ranked: Sequence[str], grades: Grades) -> list[str]:
    """The list without its unjudged records (Sakai, SIGIR 2007: condensed list)."""
    return [key for key in ranked if key in grades]


def _gained(grades: Sequence[int]) -> float:
    return sum(grade / log2(place + 2) for place, grade in enumerate(grades))
