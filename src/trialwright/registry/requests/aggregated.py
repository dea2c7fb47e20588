"""``aggFilters``: the check boxes of the public site, as expressions. Options that nobody documented find nothing, as there."""

from __future__ import annotations

from collections.abc import Mapping

from trialwright.registry.language import escape
from trialwright.registry.requests.errors import ParameterError
from trialwright.registry.requests.reading import Params, listed, shown

NOTHING = "NOT ALL"


def _values(piece: str, facet: str) -> Mapping[str, str]:
    return {option: f"AREA[{piece}]{escape(value)}" for option, value in OPTIONS[facet].items()}


def _true(options: Mapping[str, str]) -> Mapping[str, str]:
    return {option: f"AREA[{piece}]true" for option, piece in options.items()}


OPTIONS: Mapping[str, Mapping[str, str]] = {
    "status": {
        "rec": "RECRUITING",
        "not": "NOT_YET_RECRUITING",
        "enr": "ENROLLING_BY_INVITATION",
        "act": "ACTIVE_NOT_RECRUITING",
        "com": "COMPLETED",
        "sus": "SUSPENDED",
        "ter": "TERMINATED",
        "wit": "WITHDRAWN",
        "unk": "UNKNOWN",
        "wth": "WITHHELD",
        "ava": "AVAILABLE",
        "nla": "NO_LONGER_AVAILABLE",
        "tna": "TEMPORARILY_NOT_AVAILABLE",
        "afm": "APPROVED_FOR_MARKETING",
    },
    "phase": {"0": "EARLY_PHASE1", "1": "PHASE1", "2": "PHASE2", "3": "PHASE3", "4": "PHASE4", "NA": "NA"},
    "ages": {"child": "CHILD", "adult": "ADULT", "older": "OLDER_ADULT"},
    "sex": {"f": "FEMALE", "m": "MALE", "all": "ALL"},
    "studyType": {"int": "INTERVENTIONAL", "obs": "OBSERVATIONAL", "exp": "EXPANDED_ACCESS"},
}
"""For each facet of one piece, its options and the value that each stands for."""
_EXPANDED = {"exp_indiv": "ExpAccTypeIndividual", "exp_inter": "ExpAccTypeIntermediate", "exp_treat": "ExpAccTypeTreatment"}
_DOCUMENTS = {"prot": "LargeDocHasProtocol", "sap": "LargeDocHasSAP", "icf": "LargeDocHasICF"}
_FUNDERS = {
    "nih": "NIH",
    "fed": "FED",
    "industry": "INDUSTRY",
    "other": "(OTHER OR OTHER_GOV OR INDIV OR NETWORK OR AMBIG OR UNKNOWN)",
}

FACETS: Mapping[str, Mapping[str, str]] = {
    "status": _values("OverallStatus", "status"),
    "phase": _values("Phase", "phase"),
    "results": {"with": "AREA[HasResults]true", "without": "NOT AREA[HasResults]true"},
    "ages": _values("StdAge", "ages"),
    "sex": _values("Sex", "sex"),
    "healthy": {"y": "AREA[HealthyVolunteers]true"},
    "studyType": {
        **_values("StudyType", "studyType"),
        "obs_patreg": "AREA[PatientRegistry]true",
        **_true(_EXPANDED),
    },
    "funderType": {
        option: f"(AREA[LeadSponsorClass]{value} OR AREA[CollaboratorClass]{value})" for option, value in _FUNDERS.items()
    },
    "docs": _true(_DOCUMENTS),
    "violation": {"y": "NOT AREA[ViolationEventType]MISSING"},
}


def aggregated_expressions(params: Params) -> tuple[str, ...]:
    """One expression for each facet that ``aggFilters`` names; its options are alternatives.

    Raises:
        ParameterError: A facet is unknown, or a pair has no colon.
    """
    return tuple(_expression(pair) for pair in listed(params, "aggFilters") or ())


def _expression(pair: str) -> str:
    facet, colon, options = pair.partition(":")
    if not colon:
        raise ParameterError(f"Invalid aggregation filter: '{shown(pair)}'", parameter="aggFilters")
    known = FACETS.get(facet.strip())
    if known is None:
        raise ParameterError(f"Unknown aggregation filter: '{shown(facet)}'", parameter="aggFilters")
    chosen = [f"({known[option]})" for option in options.split() if option in known]
    return " OR ".join(dict.fromkeys(chosen)) or NOTHING
