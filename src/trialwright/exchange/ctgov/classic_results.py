"""The posted results of the classic XML (participant flow, baseline, outcomes, adverse events), as v2 modules.

Numbers stay as they are written: v2 has them as text, but for counts of people with adverse events.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from trialwright.exchange.ctgov import terms
from trialwright.exchange.ctgov.classic import Classic, child_line, child_lines, child_prose, compact, line_of, listed
from trialwright.exchange.ctgov.dates import v2_date

_GROUP = re.compile(r"([A-Z]+)(\d+)", re.ASCII)
_LETTERS = {"P": "FG", "B": "BG", "O": "OG", "E": "EG"}
_EMPLOYED = "All Principal Investigators ARE employed"
_UNRESTRICTED = "There is NOT an agreement"
_RESTRICTIONS = (("less than or equal to 60 days", "LTE60"), ("more than 60 days but less than or equal to 180", "GT60"))
_TOTALS = {
    "Total, all-cause mortality": "deaths",
    "Total, serious adverse events": "serious",
    "Total, other adverse events": "other",
}


def results_section(x: Classic) -> dict[str, object]:
    """The results section; empty where no results are posted."""
    results = x.one("clinical_results")
    if results is None:
        return {}
    outcomes = listed(results.findall("outcome_list/outcome"), lambda element: _outcome(x, element))
    return compact(
        {
            "participantFlowModule": _flow(results.find("participant_flow")),
            "baselineCharacteristicsModule": _baseline(x, results.find("baseline")),
            "outcomeMeasuresModule": compact({"outcomeMeasures": outcomes}),
            "adverseEventsModule": _adverse_events(x, results.find("reported_events")),
            "moreInfoModule": _more_info(results),
        }
    )


def _group_id(text: str | None) -> str | None:
    """``O1`` → ``OG000``: the classic number counts from 1, the v2 number from 0."""
    found = _GROUP.fullmatch(text or "")
    return f"{_LETTERS.get(found[1], found[1])}{int(found[2]) - 1:03d}" if found else text


def _groups(element: Element) -> list[dict[str, object]]:
    def group(one: Element) -> dict[str, object]:
        title, description = child_line(one, "title"), child_prose(one, "description")
        return {"id": _group_id(one.get("group_id")), "title": title, "description": description}

    return listed(element.findall("group_list/group"), group)


def _flow(flow: Element | None) -> dict[str, object]:
    if flow is None:
        return {}

    def stats(one: Element) -> dict[str, object]:
        count = one.get("count")
        return {"groupId": _group_id(one.get("group_id")), "comment": line_of(one), "numSubjects": count}

    def milestone(one: Element) -> dict[str, object]:
        return {"type": child_line(one, "title"), "achievements": listed(one.findall("participants_list/participants"), stats)}

    def reason(one: Element) -> dict[str, object]:
        return {"type": child_line(one, "title"), "reasons": listed(one.findall("participants_list/participants"), stats)}

    def period(one: Element) -> dict[str, object]:
        return {
            "title": child_line(one, "title"),
            "milestones": listed(one.findall("milestone_list/milestone"), milestone),
            "dropWithdraws": listed(one.findall("drop_withdraw_reason_list/drop_withdraw_reason"), reason),
        }

    return compact(
        {
            "preAssignmentDetails": child_prose(flow, "pre_assignment_details"),
            "recruitmentDetails": child_prose(flow, "recruitment_details"),
            "groups": _groups(flow),
            "periods": listed(flow.findall("period_list/period"), period),
        }
    )


def _denoms(element: Element) -> list[dict[str, object]]:
    def count(one: Element) -> dict[str, object]:
        return {"groupId": _group_id(one.get("group_id")), "value": one.get("value")}

    def denom(one: Element) -> dict[str, object]:
        return {"units": child_line(one, "units"), "counts": listed(one.findall("count_list/count"), count)}

    return listed(element.findall("analyzed_list/analyzed"), denom)


def _classes(element: Element) -> list[dict[str, object]]:
    def measurement(one: Element) -> dict[str, object]:
        return {
            "groupId": _group_id(one.get("group_id")),
            **{name: one.get(name) for name in ("value", "spread")},
            "lowerLimit": one.get("lower_limit"),
            "upperLimit": one.get("upper_limit"),
            "comment": line_of(one),
        }

    def category(one: Element) -> dict[str, object]:
        found = listed(one.findall("measurement_list/measurement"), measurement)
        return {"title": child_line(one, "title"), "measurements": found}

    def kind(one: Element) -> dict[str, object]:
        categories = listed(one.findall("category_list/category"), category)
        return {"title": child_line(one, "title"), "denoms": _denoms(one), "categories": categories}

    return listed(element.findall("class_list/class"), kind)


def _baseline(x: Classic, baseline: Element | None) -> dict[str, object]:
    if baseline is None:
        return {}

    def measure(one: Element) -> dict[str, object]:
        return {
            "title": child_line(one, "title"),
            "description": child_prose(one, "description"),
            "populationDescription": child_prose(one, "population"),
            "paramType": x.term(child_line(one, "param"), terms.MEASURE_PARAM, "baseline/param"),
            "dispersionType": x.term(child_line(one, "dispersion"), terms.DISPERSION, "baseline/dispersion"),
            "unitOfMeasure": child_line(one, "units"),
            "denomUnitsSelected": child_line(one, "units_analyzed"),
            "denoms": _denoms(one),
            "classes": _classes(one),
        }

    return compact(
        {
            "populationDescription": child_prose(baseline, "population"),
            "groups": _groups(baseline),
            "denoms": _denoms(baseline),
            "measures": listed(baseline.findall("measure_list/measure"), measure),
        }
    )


def _outcome(x: Classic, outcome: Element) -> dict[str, object]:
    """One outcome; its title and description may stand with the outcome, with its measure, or with both."""
    measure = outcome.find("measure")
    measured = measure if measure is not None else Element("measure")
    classes = _classes(measured)
    description = child_prose(measured, "description") or child_prose(outcome, "description")
    return {
        "type": x.term(child_line(outcome, "type"), terms.OUTCOME_TYPE, "outcome/type"),
        "title": child_line(outcome, "title") or child_line(measured, "title"),
        "description": description,
        "populationDescription": child_prose(measured, "population") or child_prose(outcome, "population"),
        "reportingStatus": "POSTED" if measure is not None else "NOT_POSTED",
        "anticipatedPostingDate": v2_date(child_line(outcome, "posting_date") or ""),
        "paramType": x.term(child_line(measured, "param"), terms.MEASURE_PARAM, "outcome/param"),
        "dispersionType": child_line(measured, "dispersion"),
        "unitOfMeasure": child_line(measured, "units"),
        "timeFrame": child_line(outcome, "time_frame"),
        "denomUnitsSelected": child_line(measured, "units_analyzed"),
        "groups": _groups(outcome),
        "denoms": _denoms(measured),
        "classes": classes,
        "analyses": listed(outcome.findall("analysis_list/analysis"), lambda one: _analysis(x, one)),
    }


def _analysis(x: Classic, one: Element) -> dict[str, object]:
    kind = child_line(one, "non_inferiority_type")
    found = {
        "paramType": child_line(one, "param_type"),
        "paramValue": child_line(one, "param_value"),
        "dispersionType": x.term(child_line(one, "dispersion_type"), terms.ANALYSIS_DISPERSION, "analysis/dispersion_type"),
        "dispersionValue": child_line(one, "dispersion_value"),
        "statisticalMethod": child_line(one, "method"),
        "statisticalComment": child_prose(one, "method_desc"),
        "pValue": child_line(one, "p_value"),
        "pValueComment": child_prose(one, "p_value_desc"),
        "ciNumSides": x.term(child_line(one, "ci_n_sides"), terms.SIDES, "analysis/ci_n_sides"),
        "ciPctValue": child_line(one, "ci_percent"),
        "ciLowerLimit": child_line(one, "ci_lower_limit"),
        "ciUpperLimit": child_line(one, "ci_upper_limit"),
        "ciLowerLimitComment": child_prose(one, "ci_lower_limit_na_comment"),
        "ciUpperLimitComment": child_prose(one, "ci_upper_limit_na_comment"),
        "estimateComment": child_prose(one, "estimate_desc"),
        "testedNonInferiority": kind.startswith(("Non-Inferiority", "Equivalence")) if kind else None,
        "nonInferiorityType": x.term(kind, terms.NON_INFERIORITY, "analysis/non_inferiority_type"),
        "nonInferiorityComment": child_prose(one, "non_inferiority_desc"),
        "otherAnalysisDescription": child_prose(one, "other_analysis_desc"),
        "groupDescription": child_prose(one, "groups_desc"),
        "groupIds": [_group_id(text) for text in child_lines(one, "group_id_list/group_id")],
    }
    return dict(found)


def _adverse_events(x: Classic, events: Element | None) -> dict[str, object]:
    if events is None:
        return {}
    groups = _groups(events)
    by_id = {group.get("id"): group for group in groups}
    kinds = {name: _events(x, events.find(f"{name}_events"), by_id) for name in ("serious", "other")}
    return compact(
        {
            "frequencyThreshold": child_line(events, "other_events/frequency_threshold"),
            "timeFrame": child_line(events, "time_frame"),
            "description": child_prose(events, "desc"),
            "eventGroups": groups,
            "seriousEvents": kinds["serious"],
            "otherEvents": kinds["other"],
        }
    )


def _events(x: Classic, kind: Element | None, groups: dict[object, dict[str, object]]) -> list[dict[str, object]]:
    """The adverse events of one kind; the rows of totals go to the groups, as v2 has them."""
    if kind is None:
        return []
    found: list[dict[str, object]] = []
    usual = {name: child_line(kind, f"default_{name}") for name in ("vocab", "assessment")}
    for category in kind.findall("category_list/category"):
        for event in category.findall("event_list/event"):
            term = child_line(event, "sub_title")
            if term in _TOTALS:
                _add_totals(event, _TOTALS[term], groups)
                continue
            stated = event.find("sub_title")
            assessment = child_line(event, "assessment") or usual["assessment"]
            one = {
                "term": term,
                "organSystem": child_line(category, "title"),
                "sourceVocabulary": (stated.get("vocab") if stated is not None else None) or usual["vocab"],
                "assessmentType": x.term(assessment, terms.ASSESSMENT, "event/assessment"),
                "notes": child_prose(event, "description"),
                "stats": listed(event.findall("counts"), _event_stats),
            }
            found.append(compact(dict(one)))
    return found


def _add_totals(event: Element, kind: str, groups: dict[object, dict[str, object]]) -> None:
    for counts in event.findall("counts"):
        group = groups.get(_group_id(counts.get("group_id")))
        affected, at_risk = _count(counts.get("subjects_affected")), _count(counts.get("subjects_at_risk"))
        if group is not None:
            group.update(compact({f"{kind}NumAffected": affected, f"{kind}NumAtRisk": at_risk}))


def _event_stats(counts: Element) -> dict[str, object]:
    return {
        "groupId": _group_id(counts.get("group_id")),
        "numEvents": _count(counts.get("events")),
        "numAffected": _count(counts.get("subjects_affected")),
        "numAtRisk": _count(counts.get("subjects_at_risk")),
    }


def _count(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdecimal() else None


def _more_info(results: Element) -> dict[str, object]:
    caveats = child_prose(results, "limitations_and_caveats")
    contact = results.find("point_of_contact")
    agreement = results.find("certain_agreements")
    names = (("title", "name_or_title"), ("organization", "organization"), ("email", "email"), ("phone", "phone"))
    return compact(
        {
            "limitationsAndCaveats": {"description": caveats} if caveats else None,
            "certainAgreement": _agreement(agreement) if agreement is not None else None,
            "pointOfContact": compact({name: child_line(contact, tag) for name, tag in names}) if contact is not None else None,
        }
    )


def _agreement(agreement: Element) -> dict[str, object]:
    """Sentences of the classic page, back into what they were made of; other words are the sponsor's own."""
    employed = (child_line(agreement, "pi_employee") or "").startswith(_EMPLOYED)
    text = child_line(agreement, "restrictive_agreement") or ""
    restricted = not text.startswith(_UNRESTRICTED) if text else None
    kind = next((code for words, code in _RESTRICTIONS if words in text), "OTHER") if restricted else None
    other = child_prose(agreement, "restrictive_agreement") if kind == "OTHER" else None
    return compact(
        {
            "piSponsorEmployee": employed,
            "restrictionType": kind,
            "restrictiveAgreement": restricted,
            "otherDetails": other,
        }
    )
