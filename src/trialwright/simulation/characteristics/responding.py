"""Responders: how many in a trial, by trait and dose, and when. Made of counts; says nothing of a real trial."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from trialwright.simulation.characteristics.estimates import of_mean, of_share
from trialwright.simulation.characteristics.result import Distribution, Probability
from trialwright.simulation.characteristics.subject import Subject, distribution, total

RESPONSE = "Response"


def responder_distributions(subject: Subject) -> Iterator[Distribution]:
    """Yield responders of a trial, overall, by trait and by the dose of the first response, and the time to it."""
    goal = subject.design.goal
    if goal is None:
        return
    what = f"{goal.category} {goal.response}" if goal.response != goal.endpoint else f"{goal.response} {goal.category}"
    words = {"seen": what, "confirmed": f"confirmed {what}"}
    other = "confirmed" if subject.goal_table == "seen" else "seen"
    yield distribution(
        "responders", f"Responders of a trial ({words[subject.goal_table]})", "trials", subject.tally.table(subject.goal_table)
    )
    yield distribution(f"responders_{other}", f"Participants with {words[other]}", "trials", subject.tally.table(other))
    for trait in subject.design.traits:
        name = f"{subject.goal_table}/{trait.name}"
        for index, code in enumerate(trait.codes if subject.tally.has(name) else ()):
            table = subject.tally.table(name)[index]
            group = f"{trait.name} = {code}"
            yield distribution(f"responders.{trait.name}.{code}", "Responders of a trial", "trials", table.sum(axis=0), group)
            yield distribution(f"members.{trait.name}.{code}", "Participants of a trial", "trials", table.sum(axis=1), group)
    for index, dose in enumerate(subject.doses):
        table = subject.tally.table("at_level")[index]
        yield distribution(f"responders_at.{dose}", "First responses at this dose", "trials", table, f"{dose} {subject.unit}")
    yield from _times(subject)


def _times(subject: Subject) -> Iterator[Distribution]:
    weeks = np.array([visit.day / 7 for visit in subject.design.visits.on])
    label = "Weeks from the first dose to the first response, of those with one"
    table = subject.tally.table("when_confirmed" if subject.goal_table == "confirmed" else "when")
    if subject.goal_table == "confirmed":
        label = "Weeks from the first dose to the confirmation of the response, of those with one"
    yield distribution("time_to_response", label, "participants", table, values=weeks)
    for trait in subject.design.traits:
        if subject.tally.has(f"when/{trait.name}"):
            for index, code in enumerate(trait.codes):
                counts = subject.tally.table(f"when/{trait.name}")[index]
                label = "Weeks from the first dose to the first response, of those with one"
                name = f"time_to_response.{trait.name}.{code}"
                yield distribution(name, label, "participants", counts, f"{trait.name} = {code}", weeks)


def response_probabilities(subject: Subject) -> Iterator[Probability]:
    """Yield response rates, overall and by trait, and the share of first responses at each dose."""
    goal = subject.design.goal
    if goal is None:
        return
    table = subject.tally.table(subject.goal_table)
    yield Probability("responders.mean", "Responders of a trial, on average", RESPONSE, of_mean(table), share=False)
    yield Probability("response", "A participant responds", RESPONSE, of_share(total(table), subject.enrolled))
    for trait in subject.design.traits:
        name = f"{subject.goal_table}/{trait.name}"
        for index, code in enumerate(trait.codes if subject.tally.has(name) else ()):
            joint = subject.tally.table(name)[index]
            found = of_share(total(joint.sum(axis=0)), total(joint.sum(axis=1)))
            yield Probability(
                f"response.{trait.name}.{code}", f"A participant with {trait.name} {code} responds", RESPONSE, found
            )
    by_level = [total(row) for row in subject.tally.table("at_level")]
    for index, dose in enumerate(subject.doses):
        label = f"A first response is seen at {dose} {subject.unit}"
        yield Probability(f"first_response_at.{dose}", label, RESPONSE, of_share(by_level[index], sum(by_level)))
    yield from _by_visit(subject)


def _by_visit(subject: Subject) -> Iterator[Probability]:
    table = "when_confirmed" if subject.goal_table == "confirmed" else "when"
    reached = np.cumsum(subject.tally.table(table))
    for visit, count in zip(subject.design.visits.on, reached, strict=True):
        if visit.day:
            label = f"A participant has responded by day {visit.day + 1}"
            yield Probability(f"response_by_day.{visit.day + 1}", label, RESPONSE, of_share(int(count), subject.enrolled))
