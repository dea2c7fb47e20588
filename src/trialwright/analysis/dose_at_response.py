"""The dose that was being taken when a response was first seen: counts only, since dose and time rose together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from trialwright.analysis.cohort import Carried, Cohort, Evidence, assumption_note, entries_text
from trialwright.analysis.response_rate import Verdict, members_of, reading_of, verdicts
from trialwright.analysis.result import Result, ResultColumn, ResultTable
from trialwright.datasets.doses import dose_in_force, dose_rows
from trialwright.datasets.followed import Followed

CONFOUNDED = "Descriptive only: the dose rose with time, so a later response is seen at a higher dose whatever the dose did."
COLUMNS = ("Participant", "Response first seen, day", "Dose until then", "Log entries")
_Dose = tuple[float | None, tuple[int, ...]]


def dose_at_response(cohort: Cohort, endpoint_id: str) -> Iterator[Carried]:
    """Responders by the dose that they took on the day before the visit that first showed the response."""
    endpoint = cohort.endpoint(endpoint_id)
    like = _rate_endpoint(cohort, endpoint_id)
    members = members_of(cohort, endpoint_id)
    found = verdicts(members.members, cohort.endpoint(like), reading_of(cohort.endpoint(like), cohort))
    pairs = [(one, verdict) for one, verdict in zip(members.members, found, strict=True) if verdict.responded]
    doses = [_dose(one, verdict) for one, verdict in pairs]
    unit = next((regimen.unit_text for regimen in cohort.protocol.regimens.values()), "")
    result = Result(
        id=endpoint_id,
        title=endpoint.label,
        estimate=None,
        unit=unit,
        method="counts of responders by the dose taken on the day before the response was first seen",
        source="descriptive",
        population=cohort.population_words(endpoint),
        n=len(members.members),
        head=cohort.head,
        simulated=cohort.simulated,
        participants=tuple(one.id for one in members.members),
        table=_counts(cohort, [dose for dose, _ in doses], unit),
        notes=(
            CONFOUNDED,
            f"{len(pairs)} responders: {cohort.endpoint(like).label}.",
            *assumption_note(endpoint.label, endpoint),
        ),
    )
    lines = (
        (one.id, str(verdict.on_day), _words(dose, unit), entries_text((*verdict.entries, *entries)))
        for (one, verdict), (dose, entries) in zip(pairs, doses, strict=True)
    )
    yield Carried(result, Evidence(COLUMNS, tuple(lines)))


def _rate_endpoint(cohort: Cohort, endpoint_id: str) -> str:
    """The first endpoint that counts responders of the same response and category; else this one itself."""
    endpoint = cohort.endpoint(endpoint_id)
    for name, one in cohort.protocol.file.endpoints.items():
        if one.measure == "response" and (one.response, one.category) == (endpoint.response, endpoint.category):
            return name
    return endpoint_id


def _dose(one: Followed, verdict: Verdict) -> _Dose:
    """The dose last taken before the visit: an increase at the visit itself cannot have caused what it showed."""
    if verdict.reached is None:
        return None, ()
    row = dose_in_force(dose_rows(one), verdict.reached.on - timedelta(days=1))
    return (row.dose, row.entries) if row else (None, ())


def _words(dose: float | None, unit: str) -> str:
    return "not known" if dose is None else f"{dose:g} {unit}" if dose > 0 else "held"


def _counts(cohort: Cohort, doses: list[float | None], unit: str) -> ResultTable:
    levels = [float(level) for regimen in cohort.protocol.regimens.values() for level in regimen.levels]
    known = sorted({0.0, *levels, *(dose for dose in doses if dose is not None)})
    rows = [(_words(level, unit), doses.count(level)) for level in known if level > 0 or doses.count(level)]
    if None in doses:
        rows.append(("not known", doses.count(None)))
    return ResultTable((ResultColumn("dose", "Dose"), ResultColumn("responders", "Responders")), tuple(rows))
