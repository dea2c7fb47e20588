"""Sample size, duration and accrual of simulated trials, by site. The sites are simulated and stand for no hospital."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from trialwright.simulation.characteristics.estimates import of_mean, of_share
from trialwright.simulation.characteristics.result import AccrualFan, Distribution, Probability
from trialwright.simulation.characteristics.subject import Subject, distribution
from trialwright.simulation.operating.tally import ACCRUAL_BIN_DAYS

SIZE = "Size and duration"
FAN_SHARES = (0.025, 0.25, 0.5, 0.75, 0.975)


def enrolment_distributions(subject: Subject) -> Iterator[Distribution]:
    """Yield participants of a trial, its weeks from first enrolment to last day, and participants of each site."""
    tally = subject.tally
    yield distribution("enrolled", "Participants enrolled in a trial", "trials", tally.table("enrolled"))
    if tally.has("duration"):
        label = "Whole weeks from the first enrolment to the last participant's last day of treatment"
        weeks = tally.table("duration")
        longest = int(np.flatnonzero(weeks)[-1]) + 1 if weeks.any() else 1
        yield replace(distribution("duration", label, "trials", weeks[:longest]), open_end=longest == weeks.size)
        for index, site in enumerate(subject.design.sites):
            yield distribution(
                f"enrolled_at.{site}", "Participants enrolled at a site", "trials", tally.table("sites")[index], site
            )


def enrolment_probabilities(subject: Subject) -> Iterator[Probability]:
    """Yield mean size and duration, and what ended enrolment."""
    tally = subject.tally
    yield Probability("enrolled.mean", "Participants of a trial, on average", SIZE, of_mean(tally.table("enrolled")), share=False)
    if tally.has("duration"):
        weeks = of_mean(tally.table("duration"))
        yield Probability("duration.mean", "Whole weeks of a trial, on average", SIZE, weeks, share=False)
    stopped = tally.table("stopped_by")
    for index, rule in enumerate(subject.monitoring):
        for side, count in ((-1, stopped[1 + 2 * index]), (1, stopped[2 + 2 * index])):
            label = f"The rule `{rule.id}` stops the trial for {rule.reason(side)}"
            name = f"stopped.{rule.id}.{rule.reason(side).replace(' ', '_')}"
            yield Probability(name, label, SIZE, of_share(int(count), tally.trials))


def accrual_fan(subject: Subject) -> AccrualFan | None:
    """How many are enrolled by the end of each period of four weeks; None where the file says nothing of accrual."""
    if not subject.tally.has("accrual"):
        return None
    by_then = np.cumsum(subject.tally.table("accrual"), axis=1)  # trials in which the k-th is in by the end of a period
    used = int(np.argmax(by_then[-1] >= by_then[-1, -1])) + 1 if by_then[-1, -1] else by_then.shape[1]
    trials = subject.tally.trials
    enrolled = [tuple(int((by_then[:, period] > (1 - share) * trials).sum()) for period in range(used)) for share in FAN_SHARES]
    return AccrualFan(tuple(ACCRUAL_BIN_DAYS * (period + 1) for period in range(used)), FAN_SHARES, tuple(enrolled))
