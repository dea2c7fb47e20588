"""Response against a group known at baseline: exact test, odds ratio or difference, and the rate in each group.

No correction for several tests is made and none is claimed. The test says nothing about cause.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from trialwright.analysis.cohort import Carried, Cohort, Evidence, assumption_note, entries_text, read_interval
from trialwright.analysis.estimators.contingency import fisher_2x2, freeman_halton
from trialwright.analysis.estimators.proportion import difference, proportion
from trialwright.analysis.response_rate import Verdict, members_of, reading_of, verdicts
from trialwright.analysis.result import Interval, Result, ResultColumn, ResultTable, TableCell
from trialwright.datasets.followed import Followed
from trialwright.datasets.participants import baseline_point
from trialwright.datasets.plan import NotCarriedOut
from trialwright.protocol.expressions import Kind

COLUMNS = ("Participant", "Group", "Response", "Why", "Log entries")
_FISHER = "Fisher 1935; Cornfield 1956 (interval of the conditional odds ratio)"
_FREEMAN = "Freeman & Halton, Biometrika 1951;38:141-9"


@dataclass(frozen=True, slots=True)
class _Group:
    name: str
    label: str
    responders: int
    n: int


@dataclass(frozen=True, slots=True)
class _Seen:
    verdict: Verdict
    group: str
    entries: tuple[int, ...]


def association(cohort: Cohort, endpoint_id: str) -> Iterator[Carried]:
    """The test that the plan names, with the rate in each group; for two groups, the difference too.

    Raises:
        NotCarriedOut: The endpoint relates to something that has no groups, or names another test.
    """
    endpoint = cohort.endpoint(endpoint_id)
    of = cohort.protocol.file.endpoints.get(endpoint.of or "")
    if of is None or of.measure != "response" or endpoint.of is None:
        raise NotCarriedOut("an association needs `of`: an endpoint that measures a response")
    codes = _codes(cohort, endpoint.with_ or "")
    members = members_of(cohort, endpoint.of)
    found = verdicts(members.members, of, reading_of(of, cohort))
    seen = [_seen(one, verdict, endpoint.with_ or "") for one, verdict in zip(members.members, found, strict=True)]
    groups = [_group(name, label, seen) for name, label in codes.items()]
    _, level = read_interval(endpoint.interval, "clopper-pearson 95 %")
    blank = _blank(cohort, endpoint_id, seen, _rates(groups, level))
    evidence = Evidence(COLUMNS, tuple(_line(one) for one in seen))
    filled = [one for one in groups if one.n]
    yield Carried(_tested(blank, filled, endpoint.summary or "fisher", level), evidence)
    if len(filled) == 2:
        yield Carried(_difference(blank, filled[0], filled[1], level), evidence)


def _codes(cohort: Cohort, name: str) -> dict[str, str]:
    """Groups in the file's order, with their labels."""
    if name == "arm":
        return {arm: one.label for arm, one in cohort.protocol.file.arms.items()}
    kind = cohort.protocol.scope.variables.get(name)
    if kind is None or kind.kind not in (Kind.CODE, Kind.FLAG):
        raise NotCarriedOut(f"“{name}” has no groups; an association needs a code, a flag or the arm")
    if kind.kind is Kind.FLAG:
        return {"yes": "yes", "no": "no"}
    codes = cohort.protocol.file.codes.get(cohort.protocol.file.variables[name].codes or "", {})
    return {code: codes[code].label if code in codes else code for code in kind.codes}


def _seen(one: Followed, verdict: Verdict, name: str) -> _Seen:
    if name == "arm":
        return _Seen(verdict, one.person.arm, verdict.entries)
    point = baseline_point(one, name)
    return _Seen(verdict, point.display if point else "", (*verdict.entries, *(point.entries if point else ())))


def _group(name: str, label: str, seen: list[_Seen]) -> _Group:
    own = [one for one in seen if one.group == name]
    return _Group(name, label, sum(1 for one in own if one.verdict.responded), len(own))


def _line(one: _Seen) -> tuple[str, ...]:
    said = "yes" if one.verdict.responded else "no"
    return one.verdict.participant, one.group or "not known", said, one.verdict.why, entries_text(one.entries)


def _rates(groups: list[_Group], level: float) -> ResultTable:
    columns = (
        ResultColumn("group", "Group"),
        ResultColumn("responders", "Responders"),
        ResultColumn("n", "Participants"),
        ResultColumn("rate", "Rate", "1"),
        ResultColumn("low", "Lower bound", "1"),
        ResultColumn("high", "Upper bound", "1"),
    )
    rows: list[tuple[TableCell, ...]] = []
    for one in groups:
        bounds = proportion(one.responders, one.n, level) if one.n else None
        shares = (one.responders / one.n, float(bounds.low), float(bounds.high)) if bounds else (None, None, None)
        rows.append((one.label, one.responders, one.n, *shares))
    return ResultTable(columns, tuple(rows))


def _blank(cohort: Cohort, endpoint_id: str, seen: list[_Seen], table: ResultTable) -> Result:
    endpoint = cohort.endpoint(endpoint_id)
    missing = [one.verdict.participant for one in seen if not one.group]
    notes = (f"Group not known, and left out of the test: {', '.join(missing)}.",) if missing else ()
    variable = cohort.protocol.file.variables.get(endpoint.with_ or "")
    multiplicity = (
        f"Multiplicity: {endpoint.multiplicity}." if endpoint.multiplicity else "No correction for several tests is made."
    )
    return Result(
        id=endpoint_id,
        title=endpoint.label,
        estimate=None,
        unit="",
        method="",
        source="",
        population=cohort.population_words(endpoint),
        n=len(seen),
        head=cohort.head,
        simulated=cohort.simulated,
        participants=tuple(one.verdict.participant for one in seen),
        table=table,
        notes=(
            multiplicity,
            *notes,
            *assumption_note(cohort.protocol.label(endpoint.with_ or ""), variable),
            *assumption_note(endpoint.label, endpoint),
        ),
    )


def _tested(blank: Result, groups: list[_Group], summary: str, level: float) -> Result:
    if len(groups) < 2:
        return replace(blank, method="exact test", source=_FREEMAN, notes=("Fewer than two groups have anybody.", *blank.notes))
    table = [[one.responders, one.n - one.responders] for one in groups]
    if summary == "fisher" and len(groups) == 2:
        found = fisher_2x2(table, level)
        words = f"Fisher's exact test; conditional odds ratio of response, {groups[0].label} to {groups[1].label}"
        estimable = found.odds_ratio is not None and found.odds_ratio != float("inf")
        notes = () if estimable else ("The odds ratio is not finite or not estimable; its interval stands.",)
        return replace(
            blank,
            estimate=found.odds_ratio,
            interval=Interval(found.low, found.high, level),
            p_value=found.p_value,
            method=words,
            source=_FISHER,
            notes=(*notes, *blank.notes),
        )
    if summary not in ("fisher", "freeman-halton"):
        raise NotCarriedOut(f"the summary “{summary}” is not known for an association; known: fisher, freeman-halton")
    try:
        p_value = freeman_halton(table)
    except ValueError as error:
        raise NotCarriedOut(f"{error}") from None
    return replace(blank, p_value=p_value, method="Freeman-Halton exact test of all groups", source=_FREEMAN)


def _difference(blank: Result, one: _Group, other: _Group, level: float) -> Result:
    found = difference(one.responders, one.n, other.responders, other.n, level)
    return replace(
        blank,
        id=f"{blank.id}.difference",
        title=f"{blank.title}: difference of the rates",
        estimate=float(found.estimate),
        unit="1",
        interval=Interval(float(found.low), float(found.high), level),
        method=f"difference of two proportions, {one.label} minus {other.label}, Newcombe's hybrid score interval",
        source="Newcombe, Stat Med 1998;17:873-90, method 10",
        table=None,
        notes=blank.notes[:1],
    )
