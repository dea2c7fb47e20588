"""Judges eligibility criterion by criterion, with the reason and what to ask next. Enrols nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from trialwright.engine.digests import inputs_digest
from trialwright.engine.gather import Standpoint, gather
from trialwright.engine.policy import FALSE, TRUE, UNKNOWN
from trialwright.engine.readings import Readings
from trialwright.engine.response import judge
from trialwright.engine.state import Attestation, ParticipantState
from trialwright.protocol.expressions import Assent, Consent, Input, Values
from trialwright.protocol.study import CompiledCriterion, Protocol

Verdict = Literal["met", "not met", "unknown", "attested", "conflict"]
Outcome = Literal["eligible", "not eligible", "open"]


@dataclass(frozen=True, slots=True)
class CriterionJudgement:
    """The verdict on one criterion and why. For an exclusion, "met" means that it applies."""

    criterion: CompiledCriterion
    verdict: Verdict
    sentence: str
    missing: tuple[Input, ...]
    references: tuple[int, ...]

    @property
    def admits(self) -> bool | None:
        """True when it lets the candidate in, False when it keeps them out, None when it is open."""
        match self.verdict:
            case "met":
                return self.criterion.side == "inclusion"
            case "not met":
                return self.criterion.side == "exclusion"
            case "attested":
                return True
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The judgement of all criteria on a day."""

    outcome: Outcome
    judgements: tuple[CriterionJudgement, ...]
    references: tuple[int, ...]
    inputs_digest: str


def judge_eligibility(protocol: Protocol, person: ParticipantState, on: date) -> Eligibility:
    """Judge every criterion; one that keeps out decides, else one that is open leaves the whole open."""
    at = Standpoint(protocol, person, on, Readings(protocol, person, on))
    judgements = []
    values: dict[Input, Values] = {}
    for criterion in protocol.criteria:
        judgement, read = _judge(criterion, at)
        judgements.append(judgement)
        values.update(read)
    admitted = [one.admits for one in judgements]
    outcome: Outcome = "not eligible" if False in admitted else "open" if None in admitted else "eligible"
    behind = tuple(sorted({entry for one in judgements for entry in one.references}))
    return Eligibility(outcome, tuple(judgements), behind, inputs_digest(values))


def _judge(criterion: CompiledCriterion, at: Standpoint) -> tuple[CriterionJudgement, dict[Input, Values]]:
    said = [one for one in at.person.attestations if criterion.id in one.criteria and one.on <= at.on]
    clarified = [one for one in said if one.clarifies]
    attested = [one for one in said if not one.clarifies]
    if criterion.when is None:
        return _by_attestation(criterion, clarified or attested), {}
    found = judge(criterion.when, at)
    sentence, behind = found.sentence, found.references
    computed: Verdict = {FALSE: "not met", TRUE: "met"}.get(found.truth, "unknown")  # type: ignore[assignment]  # values are verdicts
    keeps_out = computed == ("not met" if criterion.side == "inclusion" else "met")
    if clarified and (keeps_out or computed == "unknown"):
        return _clarified(criterion, clarified[-1], sentence), found.values
    if criterion.attested and not keeps_out and computed != "unknown":
        return _with_attestation(criterion, attested, sentence, behind), found.values
    if attested and computed != "unknown" and attested[-1].holds != (computed == "met"):
        told = f"{sentence}; {criterion.by} attests the contrary"
        conflict = CriterionJudgement(criterion, "conflict", told, (), (*behind, attested[-1].entry))
        return conflict, found.values
    return CriterionJudgement(criterion, computed, sentence, found.missing, behind), found.values


def _clarified(criterion: CompiledCriterion, said: Attestation, sentence: str) -> CriterionJudgement:
    if said.holds:
        told = f"{sentence}; admitted by clarification: {said.note}"
        return CriterionJudgement(criterion, "attested", told, (), (said.entry,))
    verdict: Verdict = "not met" if criterion.side == "inclusion" else "met"
    return CriterionJudgement(criterion, verdict, f"{sentence}; not admitted: {said.note}", (), (said.entry,))


def _with_attestation(
    criterion: CompiledCriterion, attested: list[Attestation], sentence: str, behind: tuple[int, ...]
) -> CriterionJudgement:
    if not attested:
        told = f"{sentence}; the {criterion.by} has not yet attested: {criterion.attested}"
        return CriterionJudgement(criterion, "unknown", told, (), behind)
    said = _by_attestation(criterion, attested)
    return CriterionJudgement(criterion, said.verdict, f"{sentence}; {said.sentence}", (), (*behind, *said.references))


def _by_attestation(criterion: CompiledCriterion, attested: list[Attestation]) -> CriterionJudgement:
    if not attested:
        told = f"the {criterion.by} has not yet attested: {criterion.attested or criterion.text}"
        return CriterionJudgement(criterion, "unknown", told, (), ())
    last = attested[-1]
    if len({one.holds for one in attested}) > 1:
        entries = tuple(one.entry for one in attested)
        return CriterionJudgement(criterion, "conflict", "two attestations disagree", (), entries)
    admits = last.holds == (criterion.side == "inclusion")
    verdict: Verdict = "attested" if admits else ("not met" if criterion.side == "inclusion" else "met")
    return CriterionJudgement(criterion, verdict, f"attested by the {criterion.by}", (), (last.entry,))


def lacking_consent(protocol: Protocol, person: ParticipantState, on: date) -> tuple[str, ...]:
    """Return what is still wanted, in words, before the consent that the protocol asks for is complete on a day.

    The first consent rule that holds says who signs and whether a minor assents; where it cannot be told which holds, what
    is lacking is what would tell. A protocol without consent rules asks for nothing here.
    """
    at = Standpoint(protocol, person, on, Readings(protocol, person, on))
    for rule in protocol.consent_rules:
        found = judge(rule.when, at) if rule.when is not None else None
        if found is not None and found.truth == UNKNOWN:
            return tuple(
                f"{protocol.label(one.variable)} (it says who signs)" for one in found.missing if hasattr(one, "variable")
            )
        if found is None or found.truth == TRUE:
            values, _ = gather([*(Consent(by) for by in rule.by), Assent()], at)
            unsigned = [f"consent by {by}" for by in rule.by if not bool(values[Consent(by)].data)]
            return tuple(unsigned + (["assent"] if rule.assent and not bool(values[Assent()].data) else []))
    return ()
