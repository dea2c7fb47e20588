"""A protocol ready to be run: the file's model with every expression typed and every reference resolved. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from trialwright.designs.stopping import CountRule
from trialwright.protocol.expressions import Expression, Quantity, Reading, Scope
from trialwright.protocol.model.file import ProtocolFile
from trialwright.protocol.source import Source
from trialwright.protocol.timing import Moment, Offset, Window
from trialwright.vocabulary.findings import Place
from trialwright.vocabulary.units import Unit

Side = Literal["inclusion", "exclusion"]
DayOne = Literal["first dose", "enrolment", "randomisation", "consent"]


@dataclass(frozen=True, slots=True)
class CompiledCriterion:
    """One criterion: verbatim text beside what computes or attests it."""

    id: str
    side: Side
    text: str
    when: Expression | None
    attested: str
    by: str
    place: Place


@dataclass(frozen=True, slots=True)
class CompiledConsentRule:
    """Who signs when ``when`` holds (None: otherwise)."""

    when: Expression | None
    by: tuple[str, ...]
    assent: bool


@dataclass(frozen=True, slots=True)
class CompiledEncounter:
    """A planned visit with its occurrences in order; ``trigger`` for one that a fact brings about."""

    id: str
    label: str
    epoch: str
    occurrences: tuple[Moment, ...]
    window: Window
    activities: tuple[str, ...]
    trigger: Expression | None
    arms: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Action:
    """What a rule does: ``optional`` for *may*; ``level_index`` for a named level; ``measure`` for asking the inputs.

    ``steps`` is how many levels up or down a raise or a reduction goes (as far as there are any).
    """

    kind: Literal["hold", "raise", "lower", "level", "same", "stop", "no increase"]
    optional: bool = False
    level_index: int | None = None
    measure: bool = False
    steps: int = 1


@dataclass(frozen=True, slots=True)
class CompiledResumption:
    """Where a hold resumes to when ``when`` holds (None: otherwise)."""

    when: Expression | None
    to: Literal["same", "lower", "level"]
    level_index: int | None
    place: Place


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One dosing rule. ``when`` None means otherwise: it always fires.

    ``standing`` is ``when`` with adverse events read as they stand now; None where ``when`` reads none.
    """

    id: str
    label: str
    text: str
    when: Expression | None
    standing: Expression | None
    action: Action
    until: Expression | None
    resume: tuple[CompiledResumption, ...]
    at_lowest: Literal["stop", "hold", "same"] | None
    place: Place

    @property
    def holds(self) -> bool:
        """True for a rule that stops the drug for a time or for good."""
        return self.action.kind in ("hold", "stop")


@dataclass(frozen=True, slots=True)
class CompiledGuarantee:
    """A property of all advice: ``wanted`` True for always, False for never."""

    id: str
    wanted: bool
    expression: Expression
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class CompiledRegimen:
    """How one intervention is dosed: levels rising, in ``unit``; the course is an offset from the first dose.

    ``intervention`` is the regimen's own name and ``registered`` that of the intervention in the registration. ``arms`` are
    those that receive it (all where empty), ``starts`` the start level of arms that begin elsewhere. ``per`` names the
    variable that a dose is multiplied by; ``cap`` and ``round_to`` apply to the amount.
    """

    intervention: str
    levels: tuple[Decimal, ...]
    unit: Unit
    unit_text: str
    start_index: int
    start_day: int
    course: Offset | None
    every_days: int | None
    cycles: int | None
    per: str
    cap: Quantity | None
    confirm: str
    override: str
    rules: tuple[CompiledRule, ...]
    guarantees: tuple[CompiledGuarantee, ...]
    place: Place
    registered: str = ""
    arms: tuple[str, ...] = ()
    starts: tuple[tuple[str, int], ...] = ()
    round_to: Quantity | None = None

    def for_arm(self, arm: str) -> CompiledRegimen | None:
        """Return the regimen as an arm receives it: with its own start, or None where it receives none of it."""
        if arm and self.arms and arm not in self.arms:
            return None
        start = dict(self.starts).get(arm)
        return self if start is None or start == self.start_index else replace(self, start_index=start)


@dataclass(frozen=True, slots=True)
class CompiledCategory:
    """A response category; ``when`` None means otherwise."""

    id: str
    label: str
    when: Expression | None
    place: Place


@dataclass(frozen=True, slots=True)
class CompiledResponse:
    """A response: categories best first; confirmed when seen again at least ``confirm_days`` later."""

    id: str
    label: str
    variant_of: str
    confirm_days: int | None
    not_assessable: Expression | None
    categories: tuple[CompiledCategory, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class CompiledState:
    """A derived state: reached when ``when`` holds (twice, where confirmed), or by starting a medication group."""

    id: str
    label: str
    after: tuple[str, str] | None
    when: Expression | None
    confirm_days: int | None
    or_medication: str
    place: Place


@dataclass(frozen=True, slots=True)
class CompiledClock:
    """What is reported, and how soon after awareness."""

    id: str
    label: str
    when: Expression
    within_hours: int
    place: Place


@dataclass(frozen=True, slots=True)
class CompiledEscalation:
    """Dose escalation by cohorts: whose levels, how many at a time, what a DLT is, and until when it counts."""

    intervention: str
    design: str
    cohort: int
    dlt: Expression
    window: Moment
    place: Place


@dataclass(frozen=True, slots=True)
class CompiledMonitoring:
    """A computed stopping rule: the counts at which it stops, and what is counted.

    Either ``endpoint`` names the response endpoint whose responders count, or ``event`` is the harm and ``free_at`` the
    moment from which a participant without it is free of it (None: once dosed). A rule that is not ``binding`` only warns;
    with ``waits`` nobody is enrolled between the last participant of a look and its result.
    """

    id: str
    rule: CountRule
    endpoint: str
    event: Expression | None
    free_at: Moment | None
    waits: bool
    binding: bool
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Protocol:
    """A typed study. ``digest`` is the SHA-256 of the canonical JSON of what the file states (comments excluded).

    ``among`` holds the typed restriction of each endpoint that has one; ``derivations`` stand in an order in which each
    reads only variables that are recorded or derived before it; ``valid_days`` says how old a value may be at a decision.
    ``activity_conditions`` tells for whom an activity is done, where that is not everybody.
    """

    file: ProtocolFile
    source: Source
    digest: str
    scope: Scope
    criteria: tuple[CompiledCriterion, ...]
    consent_rules: tuple[CompiledConsentRule, ...]
    derivations: Mapping[str, Expression]
    valid_days: Mapping[str, int]
    encounters: tuple[CompiledEncounter, ...]
    regimens: Mapping[str, CompiledRegimen]
    responses: Mapping[str, CompiledResponse]
    states: Mapping[str, CompiledState]
    clocks: tuple[CompiledClock, ...]
    among: Mapping[str, Expression]
    escalation: CompiledEscalation | None = None
    activity_conditions: Mapping[str, Expression] = field(default_factory=dict)
    monitoring: tuple[CompiledMonitoring, ...] = ()

    @property
    def id(self) -> str:
        """The study's short name."""
        return self.file.study.id

    @property
    def day_1(self) -> DayOne:
        """What study day 1 is: as the schedule says, else the first dose, or enrolment where nothing is dosed."""
        said = self.file.schedule.day_1 if self.file.schedule else None
        return said or ("first dose" if self.file.dosing else "enrolment")

    def label(self, variable: str) -> str:
        """Return what people call a variable."""
        found = self.file.variables.get(variable)
        return (found.label if found else None) or variable

    def measured_for(self, derived: str) -> frozenset[str]:
        """Return what must be measured on a day for a derived value of that day: all that it reads but fixed values."""
        read = frozenset(one.variable for one in self.derivations[derived].inputs if isinstance(one, Reading))
        return frozenset(name for name in read if not self.file.variables[name].fixed) or read

    def collected_at(self, encounter: CompiledEncounter) -> frozenset[str]:
        """Return the variables that an encounter's activities collect, those derived from them included."""
        return self._with_derived(self._collected(encounter.activities))

    def collected_unscheduled(self) -> frozenset[str]:
        """Return the variables that an unscheduled visit collects."""
        schedule = self.file.schedule
        unscheduled = schedule.unscheduled if schedule else None
        return self._with_derived(self._collected(unscheduled.do if unscheduled else ()))

    def _collected(self, activities: tuple[str, ...]) -> set[str]:
        found: set[str] = set()
        for activity in activities:
            declared = self.file.activities.get(activity)
            found.update(declared.collects if declared else (activity,))
        return found

    def _with_derived(self, found: set[str]) -> frozenset[str]:
        for variable in self.derivations:
            if self.measured_for(variable) <= found:
                found.add(variable)
        return frozenset(found)
