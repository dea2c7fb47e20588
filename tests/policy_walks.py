"""Small dosing policies at random, and random walks of one simulated participant through the engine's advice."""

from __future__ import annotations

import random  # noqa: TID251 - drawn from a stated seed

from tests.check_cases import protocol_with

from trialwright.engine.policy import Act
from trialwright.protocol import Protocol
from trialwright.protocol.expressions import Baseline, Input, Limit, Medication, Reading
from trialwright.review.event_profiles import SingleEvent
from trialwright.review.policy.replaying import Story
from trialwright.review.policy.showing import promised
from trialwright.review.policy.solving import Measured

PERTURBED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("at least 7 d since last increase", ("at least 3 d since last increase", "at least 14 d since last increase")),
    ("start: 100 mg/d on day 1", ("start: 200 mg/d on day 1", "start: 400 mg/d on day 1")),
    ("course: 12 weeks from first dose", ("course: 10 weeks from first dose", "course: 14 weeks from first dose")),
    ("levels: 100, 200, 300, 400 mg/d", ("levels: 100, 200, 300, 400, 500 mg/d",)),
    ("when: an input of a hold rule is missing or older than 3 d", ("when: anc is missing", "when: platelets < 20 10*9/L")),
    ("anc < 1.0 10*9/L or platelets < 50 10*9/L", ("anc < 0.5 10*9/L or platelets < 25 10*9/L", "platelets < 50 10*9/L")),
    ("then: may next level", ("then: next level", "then: may level 400 mg/d")),
    ("never: two increases within 7 d", ("never: two increases within 10 d", "never: dose > 300 mg/d before day 20")),
)


def perturbed(seed: int) -> Protocol:
    """Return the seed protocol with a few of its dosing lines changed at random."""
    chance = random.Random(seed)
    lines = chance.sample(PERTURBED, chance.randint(1, 3))
    return protocol_with(*((old, chance.choice(new)) for old, new in lines))


class Walk:
    """One simulated participant under one protocol, measured at random and following (or not) what is advised."""

    def __init__(self, protocol: Protocol, seed: int) -> None:
        self.protocol, self.chance = protocol, random.Random(seed)
        self.regimen = protocol.regimens["imatinib"]
        self.story = Story(protocol, self.regimen)
        self.baseline = {name: self._value(name) for name in ("platelets", "aec", "anc")}
        self.story.screen(Measured({Baseline(name): value for name, value in self.baseline.items()}, ()))

    def _value(self, name: str) -> float:
        choices = {
            "platelets": (20.0, 49.0, 50.0, 60.0, 75.0, 150.0, 300.0),
            "aec": (0.2, 0.5, 1.0, 1.5, 4.0, 12.0),
            "anc": (0.4, 0.9, 1.0, 1.2, 1.5, 4.0),
            "bilirubin": (10.0, 29.0, 60.0, 70.0),
            "transaminase": (20.0, 90.0, 120.0),
        }[name]
        return self.chance.choice((*choices[-3:], *choices))

    def _measured(self) -> Measured:
        values: dict[Input, object] = {}
        for name in ("anc", "platelets", "bilirubin", "transaminase", "aec"):
            values[Reading(name)] = None if self.chance.random() < 0.08 else self._value(name)
        values[Limit("uln", "bilirubin")] = values[Limit("uln", "transaminase")] = 20.0
        values[Medication("corticosteroid", 7, True)] = self.chance.random() < 0.1
        events: tuple[SingleEvent, ...] = ()
        if self.chance.random() < 0.2:
            grade = self.chance.randint(1, 4)
            status = self.chance.choice(("unresolved", "since"))
            events = (SingleEvent("Nausea", frozenset(), self.chance.random() < 0.7, False, True, grade, grade, status),)
        return Measured(values, events)

    def broken(self, most_decisions: int = 14) -> set[str]:
        """Walk to the end; return the guarantees that an advice, or a day that it covers, breaks."""
        day, found = 1, set[str]()
        for _ in range(most_decisions):
            advice = self.story.visit(self._measured(), day)
            found |= self._broken(advice, day)
            if advice.act is Act.STOP:
                break
            dose = advice.dose
            if advice.optional and self.chance.random() < 0.2:
                dose = self.regimen.levels[advice.level_index - 1]
            self.story.prescribe(advice, dose, () if dose > 0 else advice.held_by)
            if dose == 0 and self.story.person.first_dose_on is None:
                break
            gap = self.chance.choice((1, 2, 3, 6, 7, 7, 8, 13, 30))
            for between in range(day + 1, day + gap):
                found |= self._broken(None, between)
            day += gap
        return found

    def _broken(self, advice: object, day: int) -> set[str]:
        return {
            one.id
            for one in self.regimen.guarantees
            if promised(one, self.protocol, self.regimen, self.story, advice, day) == (0 if one.wanted else 2)  # type: ignore[arg-type]
        }
