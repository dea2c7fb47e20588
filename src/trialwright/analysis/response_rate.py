"""Response rates: who responded by when, under the file's definition and under each other one that it names.

Participants without a response on record count as without one, whatever the reason; the interval is that of the plan.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from trialwright.analysis.cohort import Carried, Cohort, Evidence, assumption_note, entries_text, read_interval, unknown_note
from trialwright.analysis.estimators.bayesian import response_posterior
from trialwright.analysis.estimators.proportion import ProportionMethod, proportion
from trialwright.analysis.intercurrent import Composite, Intercurrent, first_happened, happened_to, read_intercurrent
from trialwright.analysis.result import Interval, Result
from trialwright.datasets.assessed import Reached, assessments, first_reached
from trialwright.datasets.followed import Followed
from trialwright.datasets.plan import NotCarriedOut, deadline
from trialwright.datasets.populations import Split, among
from trialwright.designs.bayes_one_arm import Beta, posterior_chance
from trialwright.protocol.compile_designs import read_chance
from trialwright.protocol.model.aims import Endpoint

_METHODS = {
    "clopper-pearson": (ProportionMethod.CLOPPER_PEARSON, "Clopper-Pearson exact", "Clopper & Pearson, Biometrika 1934;26:404"),
    "exact": (ProportionMethod.CLOPPER_PEARSON, "Clopper-Pearson exact", "Clopper & Pearson, Biometrika 1934;26:404"),
    "wilson": (ProportionMethod.WILSON, "Wilson score", "Wilson, JASA 1927;22:209"),
    "jeffreys": (ProportionMethod.JEFFREYS, "Jeffreys", "Brown, Cai & DasGupta, Stat Sci 2001;16:101"),
    "mid-p": (ProportionMethod.MID_P, "mid-P exact", "Berry & Armitage, Statistician 1995;44:417"),
}
_BETA = re.compile(r"credible-beta\((\d+(?:\.\d+)?),-?(\d+(?:\.\d+)?)\)")
COLUMNS = ("Participant", "Response", "First seen, day", "Confirmed, day", "Why", "Log entries")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a response is read: which, whether it must be confirmed (and within the period), and from which assessments."""

    response: str
    category: str
    confirmed: bool
    confirmed_in_time: bool = True
    anew: bool = False
    as_recorded: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a participant responded, and why; days are study days."""

    participant: str
    responded: bool
    reached: Reached | None
    on_day: int | None
    confirmed_day: int | None
    why: str
    entries: tuple[int, ...]


def reading_of(endpoint: Endpoint, cohort: Cohort) -> Reading:
    """How an endpoint reads its response.

    Raises:
        NotCarriedOut: It names no response of the protocol.
    """
    compiled = cohort.protocol.responses.get(endpoint.response or "")
    if compiled is None:
        raise NotCarriedOut("it names no response")
    return Reading(compiled.id, endpoint.category or compiled.categories[0].id, endpoint.confirmed)


def members_of(cohort: Cohort, endpoint_id: str) -> Split:
    """Who the endpoint speaks of: population, then restriction."""
    base = cohort.population(cohort.endpoint(endpoint_id))
    chosen = among(cohort.protocol, endpoint_id, base.members, {})
    return Split(chosen.members, (*base.unknown, *chosen.unknown))


def verdicts(people: tuple[Followed, ...], endpoint: Endpoint, reading: Reading) -> tuple[Verdict, ...]:
    """Judge every participant under one reading."""
    if not people:
        return ()
    handled = read_intercurrent(endpoint, people[0].protocol)
    return tuple(_verdict(one, endpoint, reading, handled) for one in people)


def _verdict(one: Followed, endpoint: Endpoint, reading: Reading, handled: Intercurrent) -> Verdict:
    last = deadline(endpoint.by, one)
    ends = [found.on for words in handled.ending if (found := first_happened(words, one)) is not None]
    last = min([day for day in (last, *ends) if day is not None], default=None)
    reached = _reached(one, reading)
    late = reached is not None and last is not None and reached.on > last
    too_late = reached is not None and reading.confirmed_in_time and last is not None and (reached.confirmed_on or last) > last
    for composite in handled.composites:
        decided = _decided(one, composite, reached, last)
        if decided is not None:
            words, entries = decided
            return _said(one, composite.succeeds, reached, words, entries)
    if reached is None or late or too_late:
        return _said(one, False, reached, _why_not(one, reading, late or too_late), _last_entries(one, reading))
    return _said(one, True, reached, "response", reached.entries)


def _reached(one: Followed, reading: Reading) -> Reached | None:
    if not reading.as_recorded:
        return first_reached(one, reading.response, reading.category, reading.confirmed, reading.anew)
    rows = [
        replace(row, category=row.recorded_category, confirmed=row.recorded_confirmed)
        for row in assessments(one, reading.response)
    ]
    recorded = one.under(one.protocol)
    recorded.kept[f"assessments {reading.response} False"] = tuple(rows)
    return first_reached(recorded, reading.response, reading.category, reading.confirmed)


def _decided(
    one: Followed, composite: Composite, reached: Reached | None, last: date | None
) -> tuple[str, tuple[int, ...]] | None:
    """Why, and the entries, where an intercurrent event decides; None where it does not."""
    found = first_happened(composite.words, one)
    if found is None or (last is not None and found.on > last):
        return None
    responded = None if reached is None else reached.confirmed_on or reached.on
    if composite.before and responded is not None and found.on >= responded:
        return None
    ahead = " before a response" if composite.before and responded is not None else ""
    return f"{composite.words} on day {one.day(found.on)}{ahead}", found.entries


def _why_not(one: Followed, reading: Reading, late: bool) -> str:
    if late:
        return "too late for the period that counts"
    rows = assessments(one, reading.response, reading.anew)
    if not rows:
        return "never assessed"
    return "no confirmed response on record" if reading.confirmed else "no response on record"


def _last_entries(one: Followed, reading: Reading) -> tuple[int, ...]:
    rows = assessments(one, reading.response, reading.anew)
    return rows[-1].entries if rows else ()


def _said(one: Followed, responded: bool, reached: Reached | None, why: str, entries: tuple[int, ...]) -> Verdict:
    on_day = one.day(reached.on) if reached else None
    confirmed_day = one.day(reached.confirmed_on) if reached and reached.confirmed_on else None
    return Verdict(one.id, responded, reached, on_day, confirmed_day, why, entries)


def rate(cohort: Cohort, endpoint_id: str, found: tuple[Verdict, ...], notes: tuple[str, ...]) -> Carried:
    """Make the result of one set of verdicts.

    Raises:
        NotCarriedOut: The plan's interval is none that is known.
    """
    endpoint = cohort.endpoint(endpoint_id)
    name, level = read_interval(endpoint.interval, "clopper-pearson 95 %")
    responders, n = sum(1 for one in found if one.responded), len(found)
    estimate, interval = None, None
    read = _credible(name) if name.startswith("credible") else _frequentist(name)
    if n:
        estimate, interval = read.bounds(responders, n, level)
        notes = (*notes, *(_beyond_null(cohort, read.prior, responders, n) if read.prior else ()))
    else:
        notes = ("Nobody belongs to the population; nothing can be estimated.", *notes)
    result = Result(
        id=endpoint_id,
        title=endpoint.label,
        estimate=estimate,
        unit="1",
        method=f"{read.words} interval at {level * 100:g} %",
        source=read.source,
        population=cohort.population_words(endpoint),
        n=n,
        head=cohort.head,
        simulated=cohort.simulated,
        interval=interval,
        numerator=responders,
        participants=tuple(one.participant for one in found),
        notes=notes,
    )
    return Carried(result, Evidence(COLUMNS, tuple(_evidence(one) for one in found)))


@dataclass(frozen=True, slots=True)
class _Way:
    """How a rate is estimated: in words, after whom, and the estimate with its interval from responders, n and level."""

    words: str
    source: str
    bounds: Callable[[int, int, float], tuple[float, Interval]]
    prior: Beta | None = None


def _frequentist(name: str) -> _Way:
    if name not in _METHODS:
        raise NotCarriedOut(f"the interval “{name}” is not known; known: {', '.join(_METHODS)}, credible beta(1, 1)")
    method, words, source = _METHODS[name]

    def bounds(responders: int, n: int, level: float) -> tuple[float, Interval]:
        found = proportion(responders, n, level, method)
        return responders / n, Interval(float(found.low), float(found.high), level)

    return _Way(f"proportion, {words}", source, bounds)


def _credible(name: str) -> _Way:
    """The posterior mean and its equal-tailed interval under the prior that the plan states."""
    found = _BETA.fullmatch(name)
    if found is None or not (float(found[1]) > 0 and float(found[2]) > 0):
        raise NotCarriedOut(f"the interval “{name}” states no prior; write `credible beta(1, 1) 95 %`")
    prior = Beta(float(found[1]), float(found[2]))

    def bounds(responders: int, n: int, level: float) -> tuple[float, Interval]:
        after = response_posterior(responders, n, prior, level)
        return float(after.mean), Interval(float(after.low), float(after.high), level)

    words = f"posterior mean under the prior beta({prior.a:g}, {prior.b:g}), equal-tailed credible"
    return _Way(words, "Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.4", bounds, prior)


def _beyond_null(cohort: Cohort, prior: Beta, responders: int, n: int) -> tuple[str, ...]:
    """The posterior chance of a rate above the one that the sample size was to exclude, where the file names it."""
    size = cohort.protocol.file.sample_size
    if size is None or size.p0 is None:
        return ()
    try:
        null = read_chance(size.p0)
    except ValueError:
        return ()
    chance = float(posterior_chance(responders, n, null, prior))
    return (f"Posterior chance that the rate is above {null * 100:g} % (p0 of the sample size): {chance:.3f}.",)


def _evidence(one: Verdict) -> tuple[str, ...]:
    days = ("" if day is None else str(day) for day in (one.on_day, one.confirmed_day))
    return (one.participant, "yes" if one.responded else "no", *days, one.why, entries_text(one.entries))


def response_rate(cohort: Cohort, endpoint_id: str) -> Iterator[Carried]:
    """The rate as the plan defines it."""
    endpoint = cohort.endpoint(endpoint_id)
    members = members_of(cohort, endpoint_id)
    found = verdicts(members.members, endpoint, reading_of(endpoint, cohort))
    yield rate(cohort, endpoint_id, found, (*_notes(cohort, endpoint, members, found),))


def _notes(cohort: Cohort, endpoint: Endpoint, members: Split, found: tuple[Verdict, ...]) -> Iterator[str]:
    response = endpoint.response or ""
    handled = read_intercurrent(endpoint, cohort.protocol)
    yield from _intercurrent_notes(handled, members.members, endpoint.by)
    if endpoint.confirmed and endpoint.by:
        yield "First seen and confirmed within the period; dated to the visit that first showed it."
    anew = [one.id for one in members.members if any(row.reassessed for row in assessments(one, response))]
    if anew:
        yield f"Data behind recorded assessments changed since for {', '.join(anew)}: assessed anew from current data."
    late = [one.participant for one in found if not one.responded and _confirmed_late(one, endpoint, members)]
    if late:
        yield f"First seen within the period and confirmed only after it, so counted as no response: {', '.join(late)}."
    yield from unknown_note(members.unknown)
    yield from assumption_note(endpoint.label, endpoint)
    yield from assumption_note(
        f"definition of {cohort.protocol.responses[response].label}", cohort.protocol.file.responses[response]
    )


def _confirmed_late(one: Verdict, endpoint: Endpoint, members: Split) -> bool:
    followed = next(each for each in members.members if each.id == one.participant)
    last = deadline(endpoint.by, followed)
    confirmed_on = one.reached.confirmed_on if one.reached else None
    if not endpoint.confirmed or last is None or one.reached is None or confirmed_on is None:
        return False
    return one.reached.on <= last < confirmed_on


def _intercurrent_notes(handled: Intercurrent, people: tuple[Followed, ...], by: str | None) -> Iterator[str]:
    then = f" by {by}" if by else ""
    for one in handled.composites:
        reads = "success" if one.succeeds else "failure"
        when = " before a response" if one.before else ""
        yield f"{one.words.capitalize()}{when} counts as {reads}; {happened_to(one.words, people, by)} had it{then}."
    for words in handled.policies:
        count = happened_to(words, people, by)
        had = f"; {count} had it{then}" if count >= 0 else ""
        yield f"{words.capitalize()} does not change how a participant counts (treatment policy){had}."
    for words in handled.ending:
        yield f"Assessments count up to {words} (while on treatment)."
    for words in handled.not_applied:
        yield f"Not applied: {words}."
