"""Adverse events of simulated people: which begin between two visits, how severe they are and how long they last.

The truth of what happens; what a site knows of it, and when, is the visit's matter. Grades follow CTCAE's 1 … 4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trialwright.simulation.body import Bools, Ints
from trialwright.simulation.draws import Floats, lognormal
from trialwright.simulation.people import People
from trialwright.simulation.virtual.model import Harm, Harms

NEVER = 10**6
SEVERE = 3


@dataclass(slots=True)
class Episode:
    """The latest event of one term in each person: ``begins`` and ``ends`` are days since the first dose (NEVER: none).

    ``late`` tells a serious event that the site heard of and did not record until the next visit.
    """

    begins: Ints
    ends: Ints
    grade: Ints
    related: Bools
    serious: Bools
    expected: Bools
    late: Bools


@dataclass(frozen=True, slots=True)
class Span:
    """The days after one day until another (included), and when people were last ``seen``; shapes ``(n,)``."""

    after: Ints
    until: Ints
    seen: Ints


class Illness:
    """Every person's adverse events, by term."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.harms: Harms | None = people.virtual.harms
        self.terms: tuple[Harm, ...] = self.harms.terms if self.harms else ()
        self.episodes = {harm.term: _nothing(people.count) for harm in self.terms}
        self._by_dose = np.array([harm.by_dose for harm in self.terms], bool)
        self._weekly = np.array([_weekly_hazard(harm, self.harms) for harm in self.terms]) if self.harms else np.zeros(0)

    def befall(self, days: Span, dose: Floats, purpose: str, index: int, where: Bools) -> Bools:
        """Let events begin in the days ``after < day <= until``; return which (terms, n) began.

        A term comes again only in people whose last event of it was over when they were last seen.
        """
        after, until = days.after, days.until
        began = np.zeros((len(self.terms), self.people.count), bool)
        if self.harms is None:
            return began
        uniforms = self.people.draws.uniforms(f"harm/{purpose}", len(self.terms), index)
        relative = (dose / self.harms.reference_dose.number) ** self.harms.dose_exponent.number
        factor = np.where(self._by_dose[:, None], relative, 1.0)
        began = where & (uniforms < 1 - np.exp(-self._weekly[:, None] * (until - after) / 7 * factor))
        for row in np.flatnonzero(began.any(axis=1)):
            harm = self.terms[row]
            episode = self.episodes[harm.term]
            began[row] &= (episode.ends <= days.seen) | (episode.begins == NEVER)
            if harm.first_days is not None:
                began[row] &= after < harm.first_days
            if began[row].any():
                self._begin(harm, began[row], after, until, f"{purpose}/{harm.term}", index)
        return began

    def _begin(self, harm: Harm, where: Bools, after: Ints, until: Ints, purpose: str, index: int) -> None:
        assert self.harms is not None
        some = self.people.draws.some(where)
        own = np.broadcast_to(np.asarray(index), where.shape)[where]
        day, grade, finer, lasts, related, serious, expected, late = some.uniforms(f"event/{purpose}", 8, own)
        length = until[where] - after[where]
        begins = after[where] + 1 + np.minimum(np.floor(day * length), length - 1).astype(np.int64)
        severe = grade < float(harm.severe_percent) / float(harm.percent)
        two, four = self.harms.grade_2.number, self.harms.grade_4.number
        grades = np.where(severe, np.where(finer < four, 4, 3), np.where(finer < two, 2, 1))
        days = np.ceil(lognormal(lasts, float(harm.duration_days), self.harms.duration_cv.number)).astype(np.int64)
        is_serious = severe & (serious < self.harms.serious_if_severe.number)
        values = Episode(
            begins, begins + np.maximum(days, 1), grades.astype(np.int64), related < float(harm.related), is_serious,
            expected < self.harms.expected.number, is_serious & (late < self.harms.recorded_late.number),
        )  # fmt: skip
        episode = self.episodes[harm.term]
        for name in Episode.__slots__:
            changed = getattr(episode, name).copy()
            changed[where] = getattr(values, name)
            setattr(episode, name, changed)

    def calls(self, began: Bools, after: Ints, before: Ints) -> Ints:
        """The day on which a severe event that just began brings a person to the site between two visits (NEVER: none does)."""
        found = np.full(self.people.count, NEVER)
        for row in np.flatnonzero(began.any(axis=1)):
            episode = self.episodes[self.terms[row].term]
            comes = began[row] & (episode.grade >= SEVERE) & ~episode.late & (after < episode.begins) & (episode.begins < before)
            found = np.where(comes, np.minimum(found, episode.begins), found)
        return found

    def multiple_of_normal(self, variable: str, day: Ints) -> Floats:
        """The multiple of the upper limit of normal that running events raise a variable to (0: they don't)."""
        found = np.zeros(self.people.count)
        for harm in self.terms:
            grades = harm.raises.get(variable)
            if grades:
                episode = self.episodes[harm.term]
                running = (episode.begins <= day) & (day < episode.ends)
                table = np.array([float(grades.get(str(grade), 0)) for grade in range(6)])
                found = np.maximum(found, np.where(running, table[episode.grade], 0.0))
        return found


def _nothing(count: int) -> Episode:
    none, no = np.full(count, NEVER), np.zeros(count, bool)
    return Episode(none, none.copy(), np.zeros(count, np.int64), no, no.copy(), no.copy(), no.copy())


def _weekly_hazard(harm: Harm, harms: Harms | None) -> float:
    """The hazard per week at the reference dose: what the source accumulated, brought to the early weeks where it is longer."""
    assert harms is not None
    cumulative = -np.log1p(-float(harm.percent) / 100)
    early = harms.early_weeks.number
    weeks = float(harm.over_weeks)
    if weeks <= early:
        return float(cumulative / weeks)
    return float(cumulative * harms.early_share.number / early)
