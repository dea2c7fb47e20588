"""How a person's eligibility was decided: each criterion's own words beside the verdict and why. Decides nothing anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from trialwright.engine.eligibility import judge_eligibility
from trialwright.engine.state import ParticipantState
from trialwright.events.catalogue import CandidateScreened
from trialwright.web.workspace.folder import Room


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion: the protocol's sentence, the verdict as recorded, and the engine's reason."""

    id: str
    side: str
    text: str
    line: int
    verdict: str
    because: str
    admits: bool


@dataclass(frozen=True, slots=True)
class Screening:
    """The last screening of a person."""

    on: date
    entry: int
    outcome: str
    rows: tuple[CriterionRow, ...]


def last_screening(room: Room, person: ParticipantState) -> Screening | None:
    """The last decision on eligibility, explained from what was known then; None where there was none."""
    recorded = next((one for one in reversed(person.decisions) if one.kind == "eligibility"), None)
    if recorded is None:
        return None
    event = next(fact.event for fact in room.facts if fact.sequence == recorded.entry)
    assert isinstance(event, CandidateScreened)
    verdicts = {one.criterion: one.verdict for one in event.verdicts}
    judged = judge_eligibility(room.protocol, room.person_before(person.id, recorded.entry), recorded.on)
    rows = tuple(
        CriterionRow(
            id=one.criterion.id,
            side=one.criterion.side,
            text=one.criterion.text,
            line=one.criterion.place.line,
            verdict=_in_words(one.criterion.side, verdicts.get(one.criterion.id, one.verdict)),
            because=one.sentence,
            admits=one.admits is True,
        )
        for one in judged.judgements
    )
    return Screening(recorded.on, recorded.entry, recorded.summary, rows)


def _in_words(side: str, verdict: str) -> str:
    if side == "exclusion":
        return {"met": "applies", "not met": "does not apply"}.get(verdict, verdict)
    return verdict
