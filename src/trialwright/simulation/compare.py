"""Sets a reader's own figure beside what rehearsals give: the distribution of the number of responders, all of them simulated.

A rehearsed distribution says what the protocol and the assumed people would give again and again. It says nothing of the
real trial, and nothing here is fitted to one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialwright.analysis.intercurrent import RESCUE, Composite, read_intercurrent
from trialwright.engine.policy import FALSE, TRUE
from trialwright.protocol.expressions import evaluate, truth
from trialwright.protocol.model.aims import Endpoint
from trialwright.protocol.study import Protocol
from trialwright.protocol.timing import read_moments
from trialwright.simulation.body import Bools, Ints
from trialwright.simulation.candidate import LONGEST_SCREENING_DAYS
from trialwright.simulation.chart import Chart, NotInArrays
from trialwright.simulation.cohort import Courses, Treating
from trialwright.simulation.habits import screening_days
from trialwright.simulation.lives import Lives
from trialwright.simulation.plan import rehearsal_plan
from trialwright.simulation.screening import attestations_hold, consent_rule
from trialwright.simulation.stage import Setting
from trialwright.simulation.suits import Expressions, suit
from trialwright.simulation.virtual.model import Virtual
from trialwright.vocabulary.findings import Finding, Place, Refused, Severity

_CHUNK_PEOPLE = 20_000
_SPARE = 10


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The number of responders in each of many simulated trials.

    Args:
        endpoint: The endpoint that is counted.
        label: Its label.
        responders: Responders per trial; shape ``(trials,)``.
        treated: People treated per trial, of whom they are counted; shape ``(trials,)``.
        first_seed: The seed of the first trial; the others follow it.
    """

    endpoint: str
    label: str
    responders: Ints
    treated: Ints
    first_seed: int

    @property
    def trials(self) -> int:
        """How many trials were simulated."""
        return int(self.responders.size)

    def share(self, least: int, most: int) -> tuple[float, float]:
        """The share of trials with ``least`` … ``most`` responders (both included), and its Monte Carlo standard error."""
        found = float(np.mean((self.responders >= least) & (self.responders <= most)))
        return found, float(np.sqrt(found * (1 - found) / self.trials))


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure beside the rehearsed distribution. Shares are of simulated trials, each with its Monte Carlo standard error.

    ``middle`` is the shortest list of numbers of responders that holds at least 95 % of the simulated trials.
    """

    observed: int
    of: int
    rehearsed: Rehearsed
    mean: float
    mean_error: float
    at_most: tuple[float, float]
    at_least: tuple[float, float]
    middle: tuple[int, int]
    sentence: str


def rehearse_many(protocol: Protocol, virtual: Virtual, trials: int, first_seed: int = 1, endpoint: str = "") -> Rehearsed:
    """Simulate the decisions of many trials, each as a full rehearsal with its seed would go.

    People, habits, expressions and the dosing policy are those of a full rehearsal; commands and log are left out. The seeds are
    ``first_seed``, ``first_seed + 1``, …; each trial enrols the planned number.

    Args:
        endpoint: A response endpoint; the first of the primary objective where none is named.

    Raises:
        Refused: The file of people does not suit the protocol, the endpoint counts no response, or the protocol asks
            something that only a full rehearsal can answer.
    """
    findings, expressions = suit(protocol, virtual)
    if any(finding.stops for finding in findings):
        raise Refused(findings)
    name, counted = counted_endpoint(protocol, endpoint)
    setting = Setting(protocol, virtual, rehearsal_plan(protocol, virtual), expressions, first_seed)
    at_once = max(1, _CHUNK_PEOPLE // (2 * setting.planned + _SPARE))
    responders, treated = [], []
    for first in range(first_seed, first_seed + trials, at_once):
        seeds = np.arange(first, min(first + at_once, first_seed + trials), dtype=np.uint64)
        try:
            trial, courses = play_many(setting, seeds, last_day(counted))
            responders_of = responds(courses, counted, protocol)
        except NotInArrays as error:
            raise Refused((_only_in_full(str(error)),)) from None
        index = (trial - seeds[0]).astype(np.int64)
        responders.append(np.bincount(index[responders_of], minlength=seeds.size))
        treated.append(np.bincount(index[courses.started], minlength=seeds.size))
    return Rehearsed(name, counted.label or name, np.concatenate(responders), np.concatenate(treated), first_seed)


def _only_in_full(what: str) -> Finding:
    detail = "The many-trials path reads it from no chart; a full rehearsal does."
    return Finding(
        "TW-V018", Severity.ERROR, Place("protocol"), f"The protocol asks for {what}", detail, ("trialwright rehearse",)
    )


def counted_endpoint(protocol: Protocol, endpoint: str = "") -> tuple[str, Endpoint]:
    """Return the response endpoint that is counted: the named one, or the first of the primary objective.

    Raises:
        Refused: It counts no response.
    """
    objectives = protocol.file.objectives
    names = [endpoint] if endpoint else [name for one in objectives if one.rank == "primary" for name in one.endpoints]
    for name in names:
        found = protocol.file.endpoints.get(name)
        if found is not None and found.measure == "response" and found.response and found.category and found.by:
            return name, found
    detail = f"Asked: {endpoint or 'the primary objective'}. It wants `measure: response` with a response, a category and a time."
    raise Refused((Finding("TW-V018", Severity.ERROR, Place("protocol"), "No endpoint counts responders", detail),))


def last_day(endpoint: Endpoint) -> int:
    """The last day on which the endpoint may be reached; day 0 is that of the first dose."""
    assert endpoint.by is not None
    return read_moments(endpoint.by)[-1].days[1]


def responds(courses: Courses, endpoint: Endpoint, protocol: Protocol) -> Bools:
    """Who responds by an endpoint, as its analysis reads it: confirmed in time (decision 0047), and with intercurrent events.

    Raises:
        NotInArrays: An intercurrent event is handled in a way that only the analysis of a full rehearsal carries out.
    """
    assert endpoint.response and endpoint.category
    reached = courses.reached[endpoint.response, endpoint.category]
    last = last_day(endpoint)
    first, responded = (reached.first, reached.confirmed) if endpoint.confirmed else (reached.seen, reached.seen)
    found = courses.started & (first <= last) & (responded <= last)
    handled = read_intercurrent(endpoint, protocol)
    if handled.ending:
        raise NotInArrays(f"an endpoint counted while {handled.ending[0]} has not happened")
    for composite in handled.composites:
        happened = _happened(composite, courses)
        decides = happened <= last
        if composite.before:
            decides &= ~(found & (happened >= responded))
        found = np.where(decides & courses.started, composite.succeeds, found)
    return np.asarray(found)


def _happened(composite: Composite, courses: Courses) -> Ints:
    match composite.words:
        case words if words in RESCUE:
            return courses.rescued_day
        case "withdrawal" | "withdrawal of consent":
            return courses.withdrew_day
        case words:
            raise NotInArrays(f"{words} as an intercurrent event")


def play_many(setting: Setting, seeds: NDArray[np.uint64], until_day: int) -> tuple[NDArray[np.uint64], Courses]:
    """Screen the candidates of many trials, enrol the first that are eligible, and treat them.

    Args:
        setting: Protocol, people, visits; its own seed is not read.
        seeds: The seed of each trial.
        until_day: How far people are followed, in days since the first dose.

    Returns:
        The seed of each enrolled person's trial, and how their treatment went; in the order of trial and candidate.
    """
    per_trial = 2 * setting.planned + _SPARE
    numbers = np.tile(np.arange(1, per_trial + 1), seeds.size)
    candidates = Lives(setting.protocol, setting.virtual, np.repeat(seeds, per_trial), numbers)
    eligible = _screened(_chart(setting, candidates), setting.expressions).reshape(seeds.size, per_trial)
    enrolled = (eligible & (np.cumsum(eligible, axis=1) <= setting.planned)).reshape(-1)
    draws = candidates.people.draws.some(enrolled)
    lives = Lives(setting.protocol, setting.virtual, draws.seeds, draws.numbers)
    return draws.seeds, Treating(setting, lives, _chart(setting, lives)).play(until_day)


def _chart(setting: Setting, lives: Lives) -> Chart:
    """Return the charts as they stand at screening; the present day is the one on which eligibility is judged."""
    protocol, plan = setting.protocol, setting.plan
    chart = Chart(protocol, next(iter(protocol.regimens.values())), lives)
    longest = min([LONGEST_SCREENING_DAYS, *(-step.earliest for step in plan.before[:1])])
    arrived = -screening_days(lives.virtual, lives.people.draws, longest)
    for step in plan.before:
        lives.body.day = np.maximum(arrived, step.target)
        chart.day = lives.body.day
        chart.note(lives.fill_in(step.kind, step.occurrence, careless=False), lives.everybody)
    rule = consent_rule(lives)
    for index, signed in enumerate((("participant",), *(one.by for one in protocol.consent_rules)), start=-1):
        for by in signed:
            chart.consents[by] = chart.consents.get(by, np.zeros(lives.count, bool)) | (rule == index)
    assenting = np.array([*(one.assent for one in protocol.consent_rules), False])
    chart.assent = assenting[rule]
    chart.day = np.maximum(arrived, -1)
    return chart


def _screened(chart: Chart, expressions: Expressions) -> Bools:
    """Who is eligible, after attestation and the sponsor's clarifications."""
    lives, protocol = chart.lives, chart.protocol
    clarifications = lives.virtual.clarifications
    clarified = [truth(evaluate(when, chart.supply(when.inputs))) == TRUE for when in expressions.clarifications]
    attested = {criterion.id: holds for criterion, holds in attestations_hold(lives, protocol)}
    eligible = lives.everybody
    for criterion in protocol.criteria:
        found = (
            truth(evaluate(criterion.when, chart.supply(criterion.when.inputs))) if criterion.when else np.full(lives.count, TRUE)
        )
        admits = found == (TRUE if criterion.side == "inclusion" else FALSE) if criterion.when else lives.everybody
        if criterion.id in attested:
            admits = admits & (attested[criterion.id] == (criterion.side == "inclusion"))
        for clarification, applies in zip(clarifications, clarified, strict=True):
            if criterion.id in clarification.criteria and clarification.admit:
                admits = admits | applies
        eligible = eligible & admits
    return eligible


def compare(rehearsed: Rehearsed, observed: int, of: int) -> Comparison:
    """Set a figure, r of n, beside a rehearsed distribution.

    Raises:
        Refused: The figure is impossible (TW-V019), or is not of as many people as were rehearsed.
    """
    usual = int(np.bincount(rehearsed.treated).argmax())
    if not 0 <= observed <= of or of != usual:
        ways = (f"--observed r/{usual}",)
        detail = f"The rehearsed trials treat {usual} people each; the figure says {observed} of {of}."
        raise Refused(
            (Finding("TW-V019", Severity.ERROR, Place("observed"), "The figure does not fit the rehearsal", detail, ways),)
        )
    counts = np.bincount(rehearsed.responders, minlength=of + 1) / rehearsed.trials
    mean = float(rehearsed.responders.mean())
    error = float(rehearsed.responders.std(ddof=1) / np.sqrt(rehearsed.trials)) if rehearsed.trials > 1 else float("inf")
    at_most, at_least = rehearsed.share(0, observed), rehearsed.share(observed, of)
    sentence = (
        f"SIMULATED: of {rehearsed.trials} rehearsed trials, {at_most[0]:.1%} (Monte Carlo standard error {at_most[1]:.1%}) have "
        f"{observed} responders of {of} or fewer, and {at_least[0]:.1%} (± {at_least[1]:.1%}) have {observed} or more; the mean "
        f"is {mean:.2f} (± {error:.2f}). The people are assumed, not observed."
    )
    return Comparison(observed, of, rehearsed, mean, error, at_most, at_least, _middle(counts), sentence)


def _middle(shares: NDArray[np.float64]) -> tuple[int, int]:
    """The shortest run of numbers that holds at least 95 %; the lowest of equally short ones."""
    total = np.concatenate(([0.0], np.cumsum(shares)))
    size = shares.size
    runs = ((low, high) for width in range(1, size + 1) for low in range(size - width + 1) if (high := low + width - 1) < size)
    return next((low, high) for low, high in runs if total[high + 1] - total[low] >= 0.95 - 1e-12)
