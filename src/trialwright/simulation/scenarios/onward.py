"""The rest of a trial that is under way, simulated from where it stands: an interim look, and recorded as one by its caller.

Who has an outcome counts with it. Who is on the way is followed on from where they stand: among simulated participants with the
same traits, at the same dose in the same week, with no more response than they have, the share that go on to respond. Who is yet
to be enrolled is simulated from the start.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from trialwright.designs.stopping import CountRule
from trialwright.engine.policy import FALSE, TRUE
from trialwright.engine.state import ParticipantState, TrialState
from trialwright.engine.stopping import outcome
from trialwright.protocol.study import CompiledMonitoring, Protocol
from trialwright.simulation.characteristics.deciding import PlannedInterval, null_rates, planned_interval
from trialwright.simulation.characteristics.estimates import Z95, Estimate, of_mean, of_share
from trialwright.simulation.operating.file import OfTrait
from trialwright.simulation.operating.parameters import Parameters
from trialwright.simulation.operating.paths import Paths
from trialwright.simulation.operating.run import Compiled, trace
from trialwright.simulation.scenarios.grid import refuse
from trialwright.vocabulary.findings import Place

FOLLOWED = 20_000  # simulated participants among whom those on the way are looked for
FEWEST_ALIKE = 100
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """A participant without an outcome yet.

    Args:
        id: As in the log.
        visit: Index of the last planned visit that has come; -1 before the first dose.
        state: Level index at that visit, ``levels`` for nothing taken, ``levels + 1`` off treatment.
        seen: Whether the response was seen, and is not yet confirmed.
        traits: Codes of the traits that are known, by index.
    """

    id: str
    visit: int
    state: int
    seen: bool
    traits: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a trial stands on a day: planned, enrolled, responders and non-responders so far, and who is on the way."""

    on: date
    endpoint: str
    planned: int
    enrolled: int
    responders: int
    failures: int
    on_the_way: tuple[OnTheWay, ...]

    @property
    def to_come(self) -> int:
        """How many are yet to be enrolled."""
        return self.planned - self.enrolled


@dataclass(frozen=True, slots=True)
class Chance:
    """How likely someone on the way responds in the end, among how many simulated ``alike``, and what they share with them."""

    who: OnTheWay
    estimate: Estimate
    alike: int
    shared: str


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the end may be.

    Args:
        standing: Where the trial stands.
        chances: Of those on the way.
        final: Chance of each final number of responders, 0 … planned; shape ``(planned + 1,)``.
        answers: For each rate: whether the planned interval will lie above it, with its Monte Carlo error.
        interval: The planned interval.
    """

    standing: Standing
    chances: tuple[Chance, ...]
    final: Floats
    answers: tuple[tuple[float, Estimate], ...]
    interval: PlannedInterval


def standing(compiled: Compiled, state: TrialState, on: date, planned: int) -> Standing:
    """Find where a trial stands.

    Raises:
        Refused: The protocol counts no responders, nobody is enrolled, or more are than were planned (TW-V046).
    """
    design, protocol = compiled.design, compiled.design.protocol
    if design.goal is None or not design.goal.endpoint:
        raise refuse("TW-V046", "--onward", "There is nothing to look ahead to", "No endpoint of the protocol counts responders.")
    people = [one for one in state.participants.values() if one.enrolled is not None and one.enrolled.on <= on]
    if not people or len(people) > planned:
        detail = f"{len(people)} enrolled by {on}, {planned} planned."
        raise refuse("TW-V046", "--onward", "The trial is not between its beginning and its end", detail, "--on DATE")
    rule = _asking(protocol, design.goal.endpoint)
    known = [(one, outcome(protocol, rule, one, on)[0]) for one in people]
    waiting = tuple(_on_the_way(compiled, one, on) for one, truth in known if truth not in (TRUE, FALSE))
    counts = [truth for _, truth in known]
    return Standing(on, design.goal.endpoint, planned, len(people), counts.count(TRUE), counts.count(FALSE), waiting)


def _asking(protocol: Protocol, endpoint: str) -> CompiledMonitoring:
    """A rule that never stops, to ask the engine who has the outcome of an endpoint."""
    nothing = np.zeros(1, np.int64)
    rule = CountRule("interim look", "responders", nothing - 1, nothing + 1)
    return CompiledMonitoring(rule.id, rule, endpoint, None, None, False, False, "", Place(protocol.source.file))


def _on_the_way(compiled: Compiled, person: ParticipantState, on: date) -> OnTheWay:
    design, first = compiled.design, person.first_dose_on
    days = (on - first).days if first is not None else -1
    visit = sum(one.day <= days for one in design.visits.on) - 1
    assert design.goal is not None
    names = [one.id for one in compiled.design.protocol.responses[design.goal.response].categories]
    good = names[: names.index(design.goal.category) + 1]
    seen = any(one.response == design.goal.response and one.category in good and one.on <= on for one in person.responses)
    return OnTheWay(person.id, visit, _state(compiled, person, on), seen, tuple(_traits(compiled, person, on)))


def _state(compiled: Compiled, person: ParticipantState, on: date) -> int:
    regimen = compiled.design.regimen
    if person.stopped is not None and person.stopped.on <= on:
        return len(regimen.levels) + 1
    taken = [one for one in person.prescribed if one.intervention == regimen.intervention and one.on <= on]
    dose = taken[-1].dose if taken else Decimal(0)
    return regimen.levels.index(dose) if dose in regimen.levels else len(regimen.levels)


def _traits(compiled: Compiled, person: ParticipantState, on: date) -> Iterator[tuple[int, int]]:
    """The traits that the log knows, by what the file says that a variable shows."""
    operating = compiled.reading.operating
    names = list(compiled.design.trait_names)
    for variable, record in (operating.records if operating is not None else {}).items():
        if isinstance(record, OfTrait):
            index = names.index(record.trait)
            values = [one.value for one in person.observations.get(variable, ()) if one.on <= on and one.value is not None]
            codes = [record.codes.get(code, code) for code in compiled.design.traits[index].codes]
            if values and values[-1] in codes:
                yield index, codes.index(str(values[-1]))


def ahead(
    compiled: Compiled, numbers: Parameters, stand: Standing, to_come: NDArray[np.int64], seed: int, rates: Sequence[float]
) -> Ahead:
    """Look ahead.

    Args:
        compiled: The design.
        numbers: Its parameters.
        stand: Where the trial stands.
        to_come: Simulated trials by the number of responders among those yet to be enrolled; shape ``(to_come + 1,)``.
        seed: What those on the way are followed on by.
        rates: Rates (0-1) that the interval is held against; the file's where none is given.
    """
    chances = _chances(compiled, numbers, stand, seed)
    interval = planned_interval(compiled.design.protocol, stand.endpoint)
    chosen = tuple(rates) or null_rates(compiled.design.protocol)
    waiting = _sums([one.estimate.value for one in chances])
    share = to_come / to_come.sum()
    final = np.zeros(stand.planned + 1)
    final[stand.responders : stand.responders + share.size + waiting.size - 1] = np.convolve(share, waiting)
    answers = tuple((rate, _answer(interval.excludes(stand.planned, rate), stand, to_come, chances)) for rate in chosen)
    return Ahead(stand, chances, final, answers, interval)


def _answer(hits: Flags, stand: Standing, to_come: NDArray[np.int64], chances: Sequence[Chance]) -> Estimate:
    """The chance of a decision, with the errors of both halves: those to come, and those on the way (delta method)."""
    values = [one.estimate.value for one in chances]
    drawn = of_mean(to_come, _given(hits, stand, to_come.size, values))
    variance = drawn.error**2
    for kind in dict.fromkeys((one.shared, one.who.visit, one.who.state, one.who.seen, one.who.traits) for one in chances):
        alike = [(one.shared, one.who.visit, one.who.state, one.who.seen, one.who.traits) == kind for one in chances]
        error = next(one.estimate.error for one, same in zip(chances, alike, strict=True) if same)
        turned = [min(1.0, value + error) if same else value for value, same in zip(values, alike, strict=True)]
        variance += (of_mean(to_come, _given(hits, stand, to_come.size, turned)).value - drawn.value) ** 2
    error = float(np.sqrt(variance))
    return Estimate(drawn.value, error, max(0.0, drawn.value - Z95 * error), min(1.0, drawn.value + Z95 * error))


def _given(hits: Flags, stand: Standing, size: int, values: Sequence[float]) -> Floats:
    """The chance of a decision for each number of responders among those to come."""
    waiting = _sums(values)
    at = stand.responders + np.arange(size)[:, None] + np.arange(waiting.size)[None, :]
    return np.asarray((hits[at] * waiting).sum(axis=1), np.float64)


def _sums(chances: Sequence[float]) -> Floats:
    """The distribution of a sum of independent yes-or-no outcomes; shape ``(len + 1,)``."""
    found = np.ones(1)
    for chance in chances:
        found = np.convolve(found, [1 - chance, chance])
    return found


def _chances(compiled: Compiled, numbers: Parameters, stand: Standing, seed: int) -> tuple[Chance, ...]:
    if not stand.on_the_way:
        return ()
    paths = trace(compiled, seed, range(max(1, FOLLOWED // numbers.participants)), numbers)
    assert compiled.design.goal is not None
    ends = paths.confirmed if compiled.design.goal.confirmed else paths.seen
    off = compiled.design.levels + 1
    return tuple(_chance(paths, ends, one, off) for one in stand.on_the_way)


def _chance(paths: Paths, ends: NDArray[np.int64], who: OnTheWay, off: int) -> Chance:
    """The share that respond among simulated participants who stand alike, as closely as enough of them are found."""
    found = list(_alike(paths, ends, who, off))
    shared, alike = next((one for one in found if one[1].sum() >= FEWEST_ALIKE), found[-1])
    count = int(alike.sum())
    return Chance(who, of_share(int((ends[alike] >= 0).sum()), count) if count else of_share(0, 1), count, shared)


def _alike(paths: Paths, ends: NDArray[np.int64], who: OnTheWay, off: int) -> Iterator[tuple[str, Flags]]:
    """Who stands like somebody: first in everything, then less closely."""
    everybody = np.ones(len(paths.state), bool)
    same = np.logical_and.reduce([everybody, *(paths.traits[:, index] == code for index, code in who.traits)])
    if who.visit < 0:
        yield "traits", same
        yield "nothing", everybody
        return
    seen = (paths.seen >= 0) & (paths.seen <= who.visit)
    open_still = ~((ends >= 0) & (ends <= who.visit)) & (seen == who.seen)
    on_treatment = (paths.state[:, who.visit] == off) == (who.state == off)
    yield "traits, week, dose and response so far", same & open_still & (paths.state[:, who.visit] == who.state)
    yield "traits, week and response so far", same & open_still & on_treatment
    yield "week and response so far", open_still & on_treatment
    yield "response so far", open_still
