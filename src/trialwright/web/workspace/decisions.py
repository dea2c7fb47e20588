"""One participant's recorded dose decisions, each explained anew by the engine from what was known when it was made.

The engine renders every sentence; what was recorded stands beside it, and a decision is never made again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trialwright.engine.advice import Advice, RuleLine, advise
from trialwright.engine.apply import replay
from trialwright.engine.state import Decision, DoseFact, ParticipantState, changed_decisions
from trialwright.events import ParticipantEvent
from trialwright.events.catalogue import DoseAdvised
from trialwright.protocol.study import CompiledRegimen
from trialwright.web.workspace.folder import Room
from trialwright.web.workspace.words import event_number, shown, unit_in_words


@dataclass(frozen=True, slots=True)
class FileLines:
    """A passage of the protocol file as it stands: the number of its first line (from 1), and its lines."""

    first: int
    lines: tuple[str, ...]

    @property
    def last(self) -> int:
        """The number of its last line."""
        return self.first + len(self.lines) - 1

    @property
    def numbered(self) -> tuple[tuple[int, str], ...]:
        """Each line with its number."""
        return tuple(enumerate(self.lines, self.first))


@dataclass(frozen=True, slots=True)
class Corrected:
    """A value that a decision rests on and that was corrected later: what it was and what it is now."""

    label: str
    before: str
    after: str
    entry: int


@dataclass(frozen=True, slots=True)
class ExplainedDecision:
    """A recorded dose advice with its explanation.

    Args:
        recorded: The decision as the log has it.
        advice: What the engine says from what was known then: the sentences.
        known: The participant as known just before.
        prescribed: What the investigator decided on it; None where nothing is recorded.
        corrected: Values it rests on that were corrected afterwards.
        now: What would be advised from the data as they are now; None where nothing was corrected.
    """

    recorded: Decision
    event: DoseAdvised
    advice: Advice
    known: ParticipantState
    prescribed: DoseFact | None
    corrected: tuple[Corrected, ...]
    now: Advice | None

    @property
    def fired(self) -> RuleLine | None:
        """The rule that decided, if a rule did."""
        return next((line for line in self.advice.lines if line.decided), None)

    @property
    def followed(self) -> bool:
        """Whether what was prescribed is what was advised."""
        return self.prescribed is None or self.prescribed.dose == self.advice.dose

    @property
    def prescribed_in_words(self) -> str:
        """The prescribed dose with its unit; empty where nothing is recorded."""
        if self.prescribed is None:
            return ""
        if self.prescribed.dose == 0:
            return "no dose"
        return f"{event_number(f'{self.prescribed.dose:f}')} {unit_in_words(self.prescribed.unit)}"

    @property
    def agrees(self) -> bool:
        """Whether the engine of today explains the dose that was recorded (another version might not)."""
        return f"{self.advice.dose:f}" == self.event.dose and self.advice.rule == self.event.rule


def explained_decisions(room: Room, person: ParticipantState) -> tuple[ExplainedDecision, ...]:
    """Every dose advice that was recorded for a participant, in order."""
    changed = {one.decision.entry: one for one in changed_decisions(person)}
    found = []
    for decision, event, known in _recorded(room, person):
        advice = advise(room.protocol, known, decision.on, event.intervention)
        if advice is None:
            continue
        prescribed = next((one for one in person.prescribed if one.advised == decision.entry), None)
        corrected = _corrected(room, person, decision) if decision.entry in changed else ()
        now = advise(room.protocol, person, decision.on, event.intervention) if corrected else None
        found.append(ExplainedDecision(decision, event, advice, known, prescribed, corrected, now))
    return tuple(found)


def _recorded(room: Room, person: ParticipantState) -> Iterator[tuple[Decision, DoseAdvised, ParticipantState]]:
    """Walk through the participant's events once, stopping before each dose advice."""
    decisions = {one.entry: one for one in person.decisions if one.kind == "dose"}
    own = [one for one in room.facts if isinstance(one.event, ParticipantEvent) and one.event.participant == person.id]
    state = replay(())
    for fact in own:
        if isinstance(fact.event, DoseAdvised) and fact.sequence in decisions:
            yield decisions[fact.sequence], fact.event, state.participants[person.id]
        state = replay((fact,), state)


def _corrected(room: Room, person: ParticipantState, decision: Decision) -> tuple[Corrected, ...]:
    found = []
    for entry in decision.references:
        correction = person.corrected.get(entry)
        if correction is None or correction < decision.entry:
            continue
        variable = person.variable_of_entry[entry]
        seen = next(one for one in person.observations[variable] if one.entry == entry)
        before = seen.earlier[0] if seen.earlier else None
        found.append(Corrected(room.protocol.label(variable), shown(before), shown(seen.value), correction))
    return tuple(found)


def of_dose_in_force(decisions: tuple[ExplainedDecision, ...], entry: int | None) -> ExplainedDecision | None:
    """The decision that a reader asks for by its entry; else the one that set the last dose that was given."""
    asked = next((one for one in decisions if one.recorded.entry == entry), None)
    if asked is not None or not decisions:
        return asked
    given = [one for one in decisions if one.prescribed is not None and one.prescribed.dose > 0]
    if not given:
        return decisions[-1]
    chosen = given[-1]
    for one in reversed(given):
        if one.prescribed is None or chosen.prescribed is None or one.prescribed.dose != chosen.prescribed.dose:
            break
        chosen = one
    return chosen


def rule_in_file(room: Room, regimen: CompiledRegimen, rule: str) -> FileLines | None:
    """The lines of the protocol file that state a rule; None for what no rule states."""
    index = next((at for at, one in enumerate(regimen.rules) if one.id == rule), None)
    if index is None:
        return _course_in_file(room, regimen) if rule in ("course", "start") else None
    path = ("dosing", regimen.intervention, "rules", index)
    first = room.protocol.source.place(path).line
    return _passage(room, first)


def _course_in_file(room: Room, regimen: CompiledRegimen) -> FileLines | None:
    located = room.protocol.source.at(("dosing", regimen.intervention, "levels"))
    lines = room.protocol_lines[located.key.line - 1 : located.key.line + 2]
    return FileLines(located.key.line, tuple(line.strip() for line in lines))


def _passage(room: Room, first: int) -> FileLines:
    """The lines from ``first`` on that belong to the same list item, without their common indentation."""
    lines = room.protocol_lines
    opening = lines[first - 1]
    indent = len(opening) - len(opening.lstrip(" -"))
    taken = [" " * indent + opening.lstrip(" -")]
    for line in lines[first:]:
        if line.strip() and len(line) - len(line.lstrip(" ")) < indent:
            break
        taken.append(line)
    while taken and not taken[-1].strip():
        taken.pop()
    return FileLines(first, tuple(line[indent:] for line in taken))
