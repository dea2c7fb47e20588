"""Every recorded decision: what it was, the rule, and whether it rests on data that changed since. Decides nothing anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from trialwright.datasets.columns import about
from trialwright.datasets.followed import Followed
from trialwright.engine.state import changed_decisions


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision that was recorded."""

    participant: str = field(metadata=about("Participant", "pseudonym in the log"))
    kind: str = field(metadata=about("Kind", "eligibility, dose, response or state"))
    on: date = field(metadata=about("Date", "of the decision"))
    day: int | None = field(metadata=about("Study day", "no day 0"))
    decided: str = field(metadata=about("Decision", "what was decided, such as increase · 200 mg/d"))
    rule: str = field(metadata=about("Rule", "that decided a dose, or the response that was assessed"))
    optional: bool = field(metadata=about("Optional", "an increase that the protocol allows and does not ask for"))
    blocked_by: tuple[str, ...] = field(metadata=about("Blocked by", "rules that stood in the way of an increase"))
    changed_since: bool = field(metadata=about("Rests on changed data", "a value behind it was corrected after it was recorded"))
    corrections: tuple[int, ...] = field(metadata=about("Corrections", "log entries of those corrections"))
    entries: tuple[int, ...] = field(metadata=about("Log entries", "the decision and what it rests on"))


def decision_rows(followed: Followed) -> tuple[DecisionRow, ...]:
    """Return every recorded decision in the log's order."""
    changed = {one.decision.entry: one.corrections for one in changed_decisions(followed.person)}
    decisions = sorted((*followed.person.decisions, *followed.person.states), key=lambda one: one.entry)
    return tuple(
        DecisionRow(
            followed.id,
            one.kind,
            one.on,
            followed.day(one.on),
            one.summary,
            one.rule,
            one.optional,
            one.blocked_by,
            one.entry in changed,
            changed.get(one.entry, ()),
            (one.entry, *one.references),
        )
        for one in decisions
    )
