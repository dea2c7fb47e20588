"""A history made real: events as a site would record them, replayed through the engine, advised day by day.

Every name and date here is made up; the participant is simulated. Nothing is kept.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

from trialwright.engine.advice import ENGINE, Advice, advise
from trialwright.engine.apply import apply
from trialwright.engine.readings import Readings, quantise
from trialwright.engine.state import ParticipantState, TrialState
from trialwright.events import Occurred
from trialwright.events import catalogue as happened
from trialwright.events.catalogue import AnyEvent, Recorded
from trialwright.protocol.expressions import Baseline, Input, Kind, Limit, Medication, Previous, Reading, Values, evaluate
from trialwright.protocol.study import CompiledRegimen, Protocol
from trialwright.review.event_profiles import SingleEvent
from trialwright.review.policy.solving import Measured
from trialwright.vocabulary.dates import on_study_day

DAY_1 = date(2005, 1, 10)
PERSON = "SIMULATED-1"


def _arm(protocol: Protocol, regimen: CompiledRegimen) -> str:
    """The first arm that receives the regimen with this start; "" where there are no arms."""
    whole = protocol.regimens[regimen.intervention]
    starts = ((arm, whole.for_arm(arm)) for arm in protocol.file.arms)
    return next((arm for arm, found in starts if found is not None and found.start_index == regimen.start_index), "")


class Story:
    """One simulated participant whose events are added one by one."""

    def __init__(self, protocol: Protocol, regimen: CompiledRegimen) -> None:
        self.protocol, self.regimen = protocol, regimen
        self.state, self.sequence = TrialState(), 0
        self.open_events: list[tuple[int, SingleEvent]] = []
        self.taking: dict[str, int] = {}
        self.last_decision = DAY_1
        self._add(happened.CandidateRegistered(participant=PERSON, site="simulated", on=on_day(-2)))
        signed = on_day(1 if protocol.day_1 == "consent" else -2)
        self._add(happened.ConsentGiven(participant=PERSON, on=signed, by=("participant",), assent=True))
        enrolled = on_day(-1 if protocol.day_1 == "first dose" else 1)
        self._add(happened.ParticipantEnrolled(participant=PERSON, on=enrolled, arm=_arm(protocol, regimen)))

    @property
    def person(self) -> ParticipantState:
        """The participant as the events so far make them."""
        return self.state.participants[PERSON]

    def _add(self, event: AnyEvent) -> int:
        self.sequence += 1
        instant = datetime(2005, 1, 1, tzinfo=UTC) + timedelta(minutes=self.sequence)
        self.state = apply(self.state, Occurred(self.sequence, event, instant, "simulated", self.protocol.digest))
        return self.sequence

    def screen(self, measured: Measured) -> None:
        """Record the baselines on the day before the first dose."""
        for given, value in measured.values.items():
            if isinstance(given, Baseline):
                self._set(given.variable, value, on_day(-1), measured)

    def visit(self, measured: Measured, day: int) -> Advice:
        """Record what is measured on a study day and ask for advice."""
        on = on_day(day)
        for given, value in measured.values.items():
            if isinstance(given, Previous):
                self._set(given.variable, value, on - timedelta(days=1), measured)
        for given, value in measured.values.items():
            if isinstance(given, Reading):
                self._set(given.variable, value, on, measured)
        self._report(measured.events, on)
        self._medicate(measured.values, on)
        advice = advise(self.protocol, self.person, on, self.regimen.intervention)
        assert advice is not None
        return advice

    def prescribe(self, advice: Advice, dose: Decimal, held_by: tuple[str, ...]) -> None:
        """Record the assessments, the prescription and what was taken."""
        for name, found in advice.responses.items():
            self._add(
                happened.ResponseAssessed(
                    participant=PERSON,
                    on=advice.on,
                    response=name,
                    category=found.category,
                    assessable=found.assessable,
                    confirmed=found.confirmed,
                    references=found.references,
                    inputs_digest=found.inputs_digest,
                    engine=ENGINE,
                )
            )
        self.give(advice.on, dose, held_by)

    def give(self, on: date, dose: Decimal, held_by: tuple[str, ...] = ()) -> None:
        """Record a prescription and what was taken from the day on."""
        name, unit, amount = self.regimen.intervention, self.regimen.unit_text, f"{dose:f}"
        self._add(happened.DosePrescribed(participant=PERSON, on=on, intervention=name, dose=amount, unit=unit, held_by=held_by))
        self._add(happened.DoseAdministered(participant=PERSON, on=on, intervention=name, dose=amount, unit=unit))
        self.last_decision = on

    def stop(self, on: date) -> None:
        """Record that treatment stopped."""
        self._add(
            happened.TreatmentStopped(participant=PERSON, on=on, intervention=self.regimen.intervention, reason="investigator")
        )
        self.last_decision = on

    def _set(self, variable: str, value: Any, on: date, measured: Measured) -> None:
        if value is None:
            self._forget(variable, on)
            return
        derivation = self.protocol.derivations.get(variable)
        if derivation is not None:
            parts = [given.variable for given in derivation.inputs if isinstance(given, Reading)]
            for name, part in zip(parts, inverted(self.protocol, variable, float(value)), strict=True):
                self._observe(name, part, on, measured)
            return
        self._observe(variable, value, on, measured)

    def _observe(self, variable: str, value: Any, on: date, measured: Measured) -> None:
        kind = self.protocol.scope.variables[variable]
        recorded: Recorded
        match kind.kind:
            case Kind.CODE:
                recorded = kind.codes[int(value)]
            case Kind.SET:
                recorded = tuple(code for code, held in zip(kind.codes, value, strict=True) if held)
            case Kind.FLAG | Kind.TRUTH:
                recorded = bool(value)
            case Kind.DATE:
                recorded = (date(1970, 1, 1) + timedelta(days=int(value))).isoformat()
            case _:
                recorded = _decimal(value, self.protocol.file.variables[variable].precision)
        self._add(
            happened.ObservationRecorded(
                participant=PERSON,
                on=on,
                variable=variable,
                value=recorded,
                unit=self.protocol.file.variables[variable].unit or "",
                limit_high=_limit(measured.values.get(Limit("uln", variable))),
                limit_low=_limit(measured.values.get(Limit("lln", variable))),
            )
        )

    def _forget(self, variable: str, on: date) -> None:
        """Leave a value unknown: what was recorded and is still valid turns out never to have been observed."""
        derivation = self.protocol.derivations.get(variable)
        base = variable
        if derivation is not None:
            base = next(given.variable for given in derivation.inputs if isinstance(given, Reading))
        while Readings(self.protocol, self.person, on).current(variable) is not None:
            latest = [one for one in self.person.observations[base] if one.value is not None and one.on <= on][-1]
            self._add(
                happened.ObservationCorrected(participant=PERSON, on=on, corrects=latest.entry, value=None, reason="not observed")
            )

    def _report(self, events: tuple[SingleEvent, ...], on: date) -> None:
        """End earlier events with the last decision, then report those that this decision sees."""
        for entry, one in self.open_events:
            self._add(
                happened.AdverseEventFollowed(
                    participant=PERSON, on=self.last_decision, event=entry, grade=one.now, resolved_on=self.last_decision
                )
            )
        self.open_events = []
        for one in events:
            entry = self._add(
                happened.AdverseEventReported(
                    participant=PERSON,
                    on=on,
                    term=one.term,
                    grade=one.worst,
                    serious=one.serious,
                    related=one.related,
                    expected=one.expected,
                    aware_on=on,
                    resolved_on=on if one.status != "unresolved" else None,
                )
            )
            if one.status == "unresolved":
                self.open_events.append((entry, one))
                if one.now != one.worst:
                    self._add(happened.AdverseEventFollowed(participant=PERSON, on=on, event=entry, grade=one.now))

    def _medicate(self, values: dict[Input, object], on: date) -> None:
        for group in {given.group for given in values if isinstance(given, Medication)}:
            asked = {given: bool(values[given]) for given in values if isinstance(given, Medication) and given.group == group}
            if any(asked.values()) and group not in self.taking:
                change = "new" if any(given.changed and taken for given, taken in asked.items()) else "stable"
                self.taking[group] = self._add(
                    happened.MedicationStarted(participant=PERSON, on=on, group=group, name=group, change=change)  # type: ignore[arg-type]  # one of the two words
                )
            elif not any(asked.values()) and group in self.taking:
                ended = on - timedelta(days=1 + max(given.within_days for given in asked))
                self._add(happened.MedicationStopped(participant=PERSON, on=ended, medication=self.taking.pop(group)))


def on_day(day: int) -> date:
    """Return the made-up date of a study day."""
    return on_study_day(day, DAY_1)


def _decimal(value: Any, precision: Decimal | None) -> str:
    amount = Decimal(repr(float(value)))
    return f"{quantise(amount, precision):f}" if precision else f"{amount.normalize():f}"


def _limit(value: object) -> str | None:
    return None if value is None else f"{Decimal(repr(float(value))).normalize():f}"  # type: ignore[arg-type]  # a limit is a number


def inverted(protocol: Protocol, variable: str, wanted: float) -> list[float]:
    """Return values of what a variable is derived from that give it the value wanted, as recording allows."""
    derivation = protocol.derivations[variable]
    parts = [given for given in derivation.inputs if isinstance(given, Reading)]

    def value(given: list[float]) -> float:
        supply: dict[Input, Values] = {part: Values.of(one) for part, one in zip(parts, given, strict=True)}
        return float(evaluate(derivation, supply).data)

    best: tuple[float, list[float]] = (float("inf"), [0.0 for _ in parts])
    for solved, share in product(range(len(parts)), (0.5, 1.0, 0.01, 0.002, 0.1)):
        given = [_at_share(protocol, part.variable, share) for part in parts]
        at_zero, at_one = (value([*given[:solved], end, *given[solved + 1 :]]) for end in (0.0, 1.0))
        if at_one == at_zero:
            continue
        exact = (wanted - at_zero) / (at_one - at_zero)
        given[solved] = float(_decimal(exact, protocol.file.variables[parts[solved].variable].precision))
        best = min(best, (abs(value(given) - wanted), given))
        if best[0] <= 1e-9 * max(1.0, abs(wanted)):
            break
    return best[1]


def _at_share(protocol: Protocol, variable: str, share: float) -> float:
    """Return a value so far up the plausible range, as it would be recorded."""
    kind = protocol.scope.variables[variable]
    low, high = float(kind.low or 0), float(kind.high if kind.high is not None else 1)
    return float(_decimal(low + share * (high - low), protocol.file.variables[variable].precision))
