"""Who may do what: one table of commands and roles. What the protocol allows is decided elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from trialwright.conduct.commands import AnyCommand, DelegateAuthority
from trialwright.engine.state import TrialState
from trialwright.log import Actor
from trialwright.vocabulary.findings import Finding, Place, Severity

SITE = frozenset({"investigator", "coordinator"})
INVESTIGATOR = frozenset({"investigator"})
SPONSOR = frozenset({"sponsor"})
ROLES = frozenset({"investigator", "coordinator", "sponsor", "monitor", "data manager", "statistician"})

MAY: Mapping[str, frozenset[str]] = {
    "OpenTrial": SPONSOR,
    "DelegateAuthority": SPONSOR | INVESTIGATOR,
    "RegisterCandidate": SITE,
    "RecordConsent": SITE,
    "WithdrawConsent": SITE,
    "AttestCriterion": INVESTIGATOR | SPONSOR | frozenset({"coordinator", "monitor"}),
    "ClarifyEligibility": SPONSOR,
    "ScreenCandidate": SITE,
    "EnrolParticipant": INVESTIGATOR,
    "RecordVisit": SITE,
    "MissVisit": SITE,
    "CorrectObservation": SITE,
    "PrescribeDose": INVESTIGATOR,
    "RecordDose": SITE,
    "StopTreatment": INVESTIGATOR,
    "ReportAdverseEvent": SITE,
    "FollowAdverseEvent": SITE,
    "StartMedication": SITE,
    "StopMedication": SITE,
    "RecordDeath": SITE,
    "EndFollowUp": SITE,
    "NoteDeviation": SITE | frozenset({"monitor", "data manager"}),
    "TakeInterimLook": SPONSOR | frozenset({"statistician"}),
}


def object_to(command: AnyCommand, actor: Actor, state: TrialState) -> tuple[Finding, ...]:
    """Return why this actor may not give this command (TW-C001, TW-C002); empty where they may.

    Once a trial has delegated authority to anyone, only those it was delegated to may act, each at their site.
    """
    name = type(command).__name__
    allowed = MAY[name]
    place = Place("command", path=name)
    if actor.role not in allowed:
        detail = f"{name} is for: {', '.join(sorted(allowed))}. {actor.id} acts as {actor.role}."
        return (Finding("TW-C001", Severity.ERROR, place, f"The role {actor.role} may not do this", detail),)
    if state.roles and not _delegated(actor, state):
        detail = f"No delegation gives {actor.id} the role {actor.role} at {actor.site or 'the whole trial'}."
        ways = ("Record DelegateAuthority first",)
        return (Finding("TW-C002", Severity.ERROR, place, f"{actor.id} has not been delegated this role", detail, ways),)
    if isinstance(command, DelegateAuthority):
        return _object_to_delegation(command, actor)
    return _other_site(command, actor, state)


def _object_to_delegation(command: DelegateAuthority, actor: Actor) -> tuple[Finding, ...]:
    """Roles are those of the table, and an investigator delegates the site's own roles at their site alone (TW-C014)."""
    place = Place("command", path="roles")
    unknown = [role for role in command.roles if role not in ROLES]
    if unknown or not command.roles:
        detail = f"The roles are: {', '.join(sorted(ROLES))}."
        title = f"There is no role `{unknown[0]}`" if unknown else "No role is named"
        return (Finding("TW-C014", Severity.ERROR, place, title, detail),)
    if actor.role == "investigator" and (not set(command.roles) <= SITE or command.site != actor.site):
        detail = f"An investigator delegates {' and '.join(sorted(SITE))} at {actor.site or 'their own site'}."
        return (
            Finding("TW-C014", Severity.ERROR, place, "This is not an investigator's to delegate", detail, ("Ask the sponsor",)),
        )
    return ()


def _delegated(actor: Actor, state: TrialState) -> bool:
    return actor.role == "sponsor" or any(
        role == actor.role and site in ("", actor.site) for role, site in state.roles.get(actor.id, ())
    )


def _other_site(command: AnyCommand, actor: Actor, state: TrialState) -> tuple[Finding, ...]:
    person = state.participants.get(getattr(command, "participant", ""))
    if person is None or not actor.site or not person.site or person.site == actor.site:
        return ()
    detail = f"{person.id} belongs to {person.site}; {actor.id} acts at {actor.site}."
    place = Place("command", path=type(command).__name__)
    return (Finding("TW-C002", Severity.ERROR, place, "The participant belongs to another site", detail),)
