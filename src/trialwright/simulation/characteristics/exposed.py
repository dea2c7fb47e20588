"""Doses, holds, harms and endings of simulated participants. Made of counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from trialwright.simulation.characteristics.estimates import NOTHING, of_mean, of_share
from trialwright.simulation.characteristics.result import Distribution, Flow, Probability
from trialwright.simulation.characteristics.subject import Subject, distribution
from trialwright.simulation.operating.tally import COMPLETED, FIRST_RULE, LEFT, NOT_STARTED

DOSES, HARMS, ENDINGS = "Doses", "Holds and harms", "Endings"
SEVERE = 3


def exposure_distributions(subject: Subject) -> Iterator[Distribution]:
    """Yield weeks at each dose and in all, dose intensity, holds by rule, and worst grades."""
    tally = subject.tally
    for index, dose in enumerate(subject.doses):
        label, group = "Whole weeks at this dose", f"{dose} {subject.unit}"
        yield distribution(f"weeks_at.{dose}", label, "participants", tally.table("weeks_at")[index], group)
    yield distribution("weeks_on", "Whole weeks on any dose", "participants", tally.table("weeks_on"))
    label = "Dose intensity: per cent of the highest dose throughout the planned course"
    yield distribution("dose_intensity", label, "participants", tally.table("intensity"))
    for index, rule in enumerate(subject.design.regimen.rules):
        if rule.action.kind == "hold":
            found = distribution(
                f"holds.{rule.id}", "Holds of a participant", "participants", tally.table("holds")[index], rule.label
            )
            yield replace(found, open_end=True)
    if tally.has("worst"):
        yield distribution("worst_grade", "Worst grade of any event (0: none)", "participants", tally.table("worst"))
        for event in subject.design.events:
            yield distribution(
                f"worst_grade.{event.name}",
                "Worst grade (0: none)",
                "participants",
                tally.table(f"worst/{event.name}"),
                event.term,
            )


def exposure_probabilities(subject: Subject) -> Iterator[Probability]:
    """Yield who reached and ended at which dose, who was held, who had severe events, and what ended treatment."""
    tally, enrolled = subject.tally, subject.enrolled
    for index, dose in enumerate(subject.doses):
        with_unit = f"{dose} {subject.unit}"
        weeks = of_mean(tally.table("weeks_at")[index])
        yield Probability(f"weeks_at.{dose}.mean", f"Whole weeks at {with_unit}, on average", DOSES, weeks, share=False)
    for index, dose in enumerate(subject.doses):
        label = f"The last dose taken is {dose} {subject.unit}"
        yield Probability(f"last_dose.{dose}", label, DOSES, of_share(int(tally.table("last_level")[index]), enrolled))
    intensity = of_mean(tally.table("intensity"))
    yield Probability("dose_intensity.mean", "Dose intensity, per cent, on average", DOSES, intensity, share=False)
    for index, rule in enumerate(subject.design.regimen.rules):
        if rule.action.kind == "hold":
            held = int(tally.table("holds")[index, 1:].sum())
            yield Probability(f"held.{rule.id}", f"A participant is held: {rule.label}", HARMS, of_share(held, enrolled))
    yield from _harms(subject)
    yield from _endings(subject)


def _harms(subject: Subject) -> Iterator[Probability]:
    if not subject.tally.has("worst"):
        return
    severe = int(subject.tally.table("worst")[SEVERE:].sum())
    label = f"A participant has an event of grade {SEVERE} or more"
    yield Probability("severe_event", label, HARMS, of_share(severe, subject.enrolled))
    for event in subject.design.events:
        worst = subject.tally.table(f"worst/{event.name}")
        label = f"A participant has {event.term}"
        yield Probability(f"event.{event.name}", label, HARMS, of_share(int(worst[1:].sum()), subject.enrolled))
    yield from event_means(subject)


def event_means(subject: Subject) -> Iterator[Probability]:
    """Yield events for each participant; they have no error of their own and take it from batches of trials."""
    for index, event in enumerate(subject.design.events):
        begun = int(subject.tally.table("begun")[index].sum())
        rough = replace(NOTHING, value=begun / subject.enrolled if subject.enrolled else NOTHING.value)
        yield Probability(f"events.{event.name}.mean", f"{event.term}: events for each participant", HARMS, rough, share=False)


def _endings(subject: Subject) -> Iterator[Probability]:
    ended, enrolled = subject.tally.table("ended"), subject.enrolled
    words = {COMPLETED: ("completed", "Treatment ends with the course"), LEFT: ("dropout", "A participant leaves treatment")}
    words[NOT_STARTED] = ("never_started", "Treatment is never started")
    for index, (name, label) in words.items():
        yield Probability(f"ended.{name}", label, ENDINGS, of_share(int(ended[index]), enrolled))
    for index, rule in enumerate(subject.design.regimen.rules):
        if ended[FIRST_RULE + index] or rule.action.kind == "stop":
            label = f"Treatment is stopped by the protocol: {rule.label}"
            yield Probability(f"ended.{rule.id}", label, ENDINGS, of_share(int(ended[FIRST_RULE + index]), enrolled))
    left = np.cumsum(subject.tally.table("left"))
    for visit, count in zip(subject.design.visits.on, left, strict=True):
        if visit.day and left[-1]:
            label = f"A participant has left by day {visit.day + 1}"
            yield Probability(f"left_by_day.{visit.day + 1}", label, ENDINGS, of_share(int(count), enrolled))


def flow(subject: Subject) -> Flow:
    """Participants between dose levels from visit to visit."""
    states = (*(f"{dose} {subject.unit}" for dose in subject.doses), "nothing taken", "off treatment")
    moves = subject.tally.table("moves")
    return Flow(
        states,
        tuple(visit.day for visit in subject.design.visits.on),
        tuple(tuple(tuple(int(count) for count in row) for row in visit) for visit in moves),
    )
