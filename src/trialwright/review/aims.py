"""Objectives, endpoints, sample size and the registered outcomes against one another, as a reviewer reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trialwright.designs.exact_single_stage import what_n_could_show
from trialwright.protocol.model.aims import Endpoint
from trialwright.protocol.study import Protocol
from trialwright.protocol.timing import TimingError, read_moments
from trialwright.review.drafting import finding, listed
from trialwright.vocabulary.findings import Finding, Place

_NEEDS = {
    "response": ("response", "category"),
    "time": ("from_", "to"),
    "association": ("of", "with_"),
    "dose at response": ("response", "category"),
    "value": ("variable",),
    "change": ("variable",),
    "event": ("event",),
}
_DESCRIPTIVE = {"counts", "descriptive", "worst grade", "listing"}
_AT_THE_END = ("treatment stop", "last dose")
NULL_RATES = (0.1, 0.2, 0.3, 0.5)
_NONE_STATED = re.compile(r"^\s*(?:none|not|no\b|unknown|-)", re.IGNORECASE)


def aims(protocol: Protocol) -> Iterator[Finding]:
    """Yield what objectives, endpoints and the sample size leave open."""
    yield from _objectives(protocol)
    for name, endpoint in protocol.file.endpoints.items():
        yield from _endpoint(protocol, name, endpoint)
    yield from _outcomes(protocol)
    yield from _sample_size(protocol)


def _objectives(protocol: Protocol) -> Iterator[Finding]:
    file = protocol.file
    place = protocol.source.place(("objectives",))
    primary = [one for one in file.objectives if one.rank == "primary"]
    if not primary:
        yield finding("TW-P054", place, "No objective is primary", "A trial answers one question first.", ways=("rank: primary",))
    for index, objective in enumerate(file.objectives):
        if not objective.endpoints:
            where = protocol.source.place(("objectives", index))
            yield finding(
                "TW-P050",
                where,
                f"Nothing answers the objective `{objective.id}`",
                f"“{objective.text}” has no endpoint.",
                ways=("endpoints: […]", "Drop the objective"),
            )
        yield from _unregistered(protocol, index)
    used = {name for objective in file.objectives for name in objective.endpoints}
    for name in file.endpoints:
        if name not in used:
            where = protocol.source.place(("endpoints", name))
            yield finding("TW-P077", where, f"The endpoint `{name}` answers no objective", ways=("Name it under an objective",))
    yield from _several_primaries(protocol)


def _unregistered(protocol: Protocol, index: int) -> Iterator[Finding]:
    """An objective none of whose endpoints carries out a registered outcome."""
    objective, endpoints = protocol.file.objectives[index], protocol.file.endpoints
    named = [endpoints[name] for name in objective.endpoints if name in endpoints]
    if (
        named
        and objective.rank != "exploratory"
        and not any(one.outcome for one in named)
        and protocol.file.study.outcomes.primary
    ):
        where = protocol.source.place(("objectives", index))
        yield finding(
            "TW-P081",
            where,
            f"The objective `{objective.id}` has no registered outcome",
            f"“{objective.text}”: the record names no outcome measure for it.",
            ways=("Register an outcome measure",),
        )


def _several_primaries(protocol: Protocol) -> Iterator[Finding]:
    endpoints = protocol.file.endpoints
    names = [name for one in protocol.file.objectives if one.rank == "primary" for name in one.endpoints if name in endpoints]
    tested = [name for name in names if endpoints[name].summary and endpoints[name].summary.casefold() not in _DESCRIPTIVE]  # type: ignore[union-attr]  # summary is not None here
    if len(tested) > 1 and protocol.file.testing is None and not any(endpoints[name].multiplicity for name in tested):
        where = protocol.source.place(("endpoints", tested[0]))
        yield finding(
            "TW-P072",
            where,
            f"{len(tested)} primary endpoints and no word on multiplicity",
            f"{listed([f'`{name}`' for name in tested])}.",
            ways=("multiplicity: none claimed", "multiplicity: hierarchical"),
        )


def _endpoint(protocol: Protocol, name: str, endpoint: Endpoint) -> Iterator[Finding]:
    place = protocol.source.place(("endpoints", name))
    if endpoint.measure is None:
        yield finding(
            "TW-P051", place, f"The endpoint `{name}` says not what is measured", f"“{endpoint.label}”.", ways=("measure: …",)
        )
    else:
        lacking = [field.rstrip("_") for field in _NEEDS.get(endpoint.measure, ()) if getattr(endpoint, field) is None]
        if lacking:
            detail = (
                f"“{endpoint.label}” is a measure of {endpoint.measure} and lacks {listed([f'`{field}`' for field in lacking])}."
            )
            yield finding(
                "TW-P051", place, f"The endpoint `{name}` is not defined", detail, ways=tuple(f"{field}: …" for field in lacking)
            )
    if not (endpoint.by or endpoint.at):
        yield finding("TW-P052", place, f"The endpoint `{name}` has no time point", f"“{endpoint.label}”.", ways=("by: week 12",))
    if not endpoint.summary:
        yield finding(
            "TW-P053", place, f"The endpoint `{name}` has no method", f"“{endpoint.label}”.", ways=("summary: proportion",)
        )
    elif endpoint.summary.casefold() not in _DESCRIPTIVE and not endpoint.interval:
        yield finding(
            "TW-P074", place, f"The endpoint `{name}` has no interval", f"A {endpoint.summary} without its uncertainty."
        )
    if not endpoint.population:
        yield finding(
            "TW-P076", place, f"The endpoint `{name}` says not in whom", f"“{endpoint.label}”.", ways=("population: treated",)
        )
    measured = endpoint.measure in ("response", "change", "value", "event") and not endpoint.among
    observed = protocol.file.study.study_type == "observational"
    if measured and not observed and not endpoint.intercurrent and _is_primary(protocol, name):
        yield finding(
            "TW-P075",
            place,
            f"The primary endpoint `{name}` names no intercurrent event",
            "What happens to those who stop, or take another treatment, changes what it means (ICH E9(R1)).",
        )
    yield from _followed_long_enough(protocol, name, endpoint)


def _is_primary(protocol: Protocol, name: str) -> bool:
    return any(name in objective.endpoints for objective in protocol.file.objectives if objective.rank == "primary")


def _followed_long_enough(protocol: Protocol, name: str, endpoint: Endpoint) -> Iterator[Finding]:
    """The last visit from the same milestone ends before the endpoint's time point."""
    if not (endpoint.by and protocol.encounters):
        return
    try:
        wanted = read_moments(endpoint.by)[0]
    except TimingError:
        return
    anchor = protocol.day_1 if wanted.study_day else wanted.anchor
    ends = [
        _treatment_days(protocol, anchor, moment.anchor) + moment.days[1] + encounter.window.after
        for encounter in protocol.encounters
        for moment in encounter.occurrences
        if moment.anchor == anchor or (anchor == "first dose" and moment.anchor in _AT_THE_END)
    ]
    if ends and anchor != "last dose" and max(ends) < wanted.days[0]:
        place = protocol.source.place(("endpoints", name, "by"))
        yield finding(
            "TW-P079",
            place,
            f"The last visit comes before the time point of `{name}`",
            f"Visits counted from {anchor} end {max(ends)} days after it; `{endpoint.by}` is later.",
        )


def _treatment_days(protocol: Protocol, anchor: str, own: str) -> int:
    """How long treatment lasts as planned, for visits that count from its end; 0 for those that count from the anchor."""
    if own == anchor:
        return 0
    lasts = [(one.course.days if one.course else (one.every_days or 0) * (one.cycles or 0)) for one in protocol.regimens.values()]
    return max(lasts, default=0)


def _outcomes(protocol: Protocol) -> Iterator[Finding]:
    outcomes = protocol.file.study.outcomes
    carried = {endpoint.outcome for endpoint in protocol.file.endpoints.values() if endpoint.outcome}
    registered = {}
    for rank in ("primary", "secondary", "other"):
        for index, outcome in enumerate(getattr(outcomes, rank)):
            registered[outcome.measure] = protocol.source.place(("study", "outcomes", rank, index))
            if outcome.measure not in carried:
                yield finding(
                    "TW-P057",
                    registered[outcome.measure],
                    f"No endpoint carries out the registered outcome “{_short(outcome.measure)}”",
                    f"It is a {rank} outcome of the record.",
                    ways=("outcome: … at an endpoint",),
                )
            if rank == "primary" and not outcome.time_frame:
                yield _no_time_frame(registered[outcome.measure], outcome.measure, outcome.description)
    for name, endpoint in protocol.file.endpoints.items():
        if endpoint.outcome and endpoint.outcome not in registered:
            place = protocol.source.place(("endpoints", name, "outcome"))
            yield finding(
                "TW-P058", place, f"The record has no outcome “{_short(endpoint.outcome)}”", f"Named by the endpoint `{name}`."
            )


def _no_time_frame(place: Place, measure: str, description: str | None) -> Finding:
    also = "" if description else " and no definition"
    return finding(
        "TW-P059",
        place,
        f"The registered primary outcome “{_short(measure)}” has no time frame{also}",
        "A reader of the record cannot tell when, or by what criteria, it is judged.",
        ways=("time_frame: …", "description: …"),
    )


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}…"


def _sample_size(protocol: Protocol) -> Iterator[Finding]:
    file = protocol.file
    size = file.sample_size
    place = protocol.source.place(("sample_size",))
    enrolled = file.study.enrollment
    if size is None:
        yield finding("TW-P055", place, "The file states no sample size", ways=("sample_size: …",))
        return
    if enrolled is not None and enrolled.count != size.planned:
        where = protocol.source.place(("study", "enrollment"))
        yield finding(
            "TW-P067",
            where,
            f"The record enrols {enrolled.count}, the plan {size.planned}",
            "One of them is out of date.",
            ways=(f"planned: {enrolled.count}",),
        )
    if not _NONE_STATED.match(size.justification):
        return

    rows = what_n_could_show(size.planned, NULL_RATES) if len(file.arms) <= 1 else ()
    told = [row for row in rows if row.rule.can_reject and row.rate_power_80 is not None]
    shown = [
        f"· Against a rate of {row.rule.null_rate:.0%}: {row.rule.min_responses} of {size.planned} responses or more "
        f"(exact one-sided level {row.rule.alpha_exact:.3f}); 80 % power from a true rate of {row.rate_power_80:.0%}."
        for row in told
    ]
    lead = f"What one arm of {size.planned} could have shown, by the exact binomial test:" if shown else ""
    yield finding(
        "TW-P055",
        place,
        f"{size.planned} has no stated justification",
        lead,
        *shown,
        ways=("justification: …, with p0, p1, alpha and power",),
    )
