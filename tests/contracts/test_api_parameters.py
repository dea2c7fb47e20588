"""Calls of ``/studies`` as values: what each parameter becomes, whoever reads them."""

from typing import Any

import pytest

from trialwright.registry.index import Decay, Near, SortKey
from trialwright.registry.language import check_names, format_expression, parse_expression
from trialwright.registry.requests import (
    FACETS,
    ParameterError,
    page_token,
    read_studies_call,
    request_from_v2,
    with_canonical_keys,
)

MILES_50 = 80.4672


def request(**given: str) -> Any:
    return request_from_v2({name.replace("__", "."): [value] for name, value in given.items()})


def texts(nodes: Any) -> list[str]:
    return [format_expression(node) for node in nodes]


def test_a_call_without_parameters_asks_for_the_first_ten() -> None:
    asked = request()
    assert (asked.queries, asked.filters, asked.keys, asked.offset, asked.limit, asked.count) == ((), (), None, 0, 10, False)


def test_each_query_goes_to_its_area() -> None:
    asked = request(query__cond="asthma", query__lead="Pfizer", query__patient="pain")
    assert [area for area, _ in asked.queries] == ["ConditionSearch", "LeadSponsorName", "PatientSearch"]


def test_a_long_plain_text_about_a_patient_is_a_note_and_an_expression_is_not() -> None:
    note = "A 52-year-old man with fatigue and a rash for three months has an eosinophil count of 12 and no parasites or allergy."
    asked = request(query__patient=note)
    assert (asked.note, asked.queries) == (note, ())
    assert request(query__patient=note + " OR AREA[Phase]PHASE2").note == ""
    assert request(query__term=note).note == ""


def test_filters_become_expressions() -> None:
    asked = request(
        filter__overallStatus="RECRUITING|COMPLETED", aggFilters="phase:2 3,sex:f", postFilter__advanced="AREA[Phase]NA"
    )
    assert texts(asked.filters) == texts(
        parse_expression(text)
        for text in (
            "AREA[OverallStatus](RECRUITING OR COMPLETED)",
            "AREA[Phase]NA",
            "AREA[Phase]PHASE2 OR AREA[Phase]PHASE3",
            "AREA[Sex]FEMALE",
        )
    )


def test_every_check_box_is_an_expression_that_the_structure_knows() -> None:
    for options in FACETS.values():
        for text in options.values():
            check_names(parse_expression(text))


@pytest.mark.parametrize("circle", ["distance(45.7,-9.67,50mi)", "distance(45.7,-9.67,50)", "distance(45.7, -9.67, 80.4672km)"])
def test_a_circle_is_in_kilometres_and_fades_as_usual(circle: str) -> None:
    asked = request(filter__geo=circle)
    assert asked.near == Near(45.7, -9.67, pytest.approx(MILES_50))
    assert asked.geo_decay == Decay("exp", pytest.approx(482.8032), 0.0, 0.5)


def test_the_decay_is_read_and_needs_a_circle() -> None:
    decay = "func:linear,scale:100km,offset:10km,decay:0.1"
    assert request(filter__geo="distance(1,2,3mi)", geoDecay=decay).geo_decay == Decay("linear", 100.0, 10.0, 0.1)
    assert request(geoDecay=decay).geo_decay is None


def test_numbers_alone_confine_the_search_and_leave_the_filters_out() -> None:
    asked = request(query__term="nct1, NCT2", query__cond="asthma", filter__geo="distance(1,2,3mi)", filter__ids="NCT00000009")
    assert asked.keys == ("NCT00000001", "NCT00000002") and asked.filters == () and asked.near is None
    assert [area for area, _ in asked.queries] == ["ConditionSearch"]
    with pytest.raises(ParameterError):
        request(query__term="NCT1", filter__advanced="AREA[Nobody]x")


def test_two_lists_of_numbers_must_both_hold() -> None:
    assert request(filter__ids="NCT1,NCT2|nct3", postFilter__ids="NCT3,NCT2").keys == ("NCT00000002", "NCT00000003")


def test_aliases_become_the_numbers_of_today_and_unknown_ones_fall_away() -> None:
    asked = request(filter__ids="NCT1,NCT2,NCT3")
    known = {"NCT00000001": "NCT00000009", "NCT00000002": "NCT00000002"}
    assert with_canonical_keys(asked, known.get).keys == ("NCT00000009", "NCT00000002")
    assert with_canonical_keys(request(), known.get).keys is None


def test_dates_fall_and_numbers_rise_unless_said_otherwise() -> None:
    assert request(sort="StartDate,EnrollmentCount").sort == (SortKey("StartDate", True), SortKey("EnrollmentCount", False))
    assert request(sort="protocolSection.statusModule.startDateStruct.date:asc").sort == (SortKey("StartDate", False),)
    assert request(sort="@relevance|NumArmGroups:desc").sort == (SortKey("@relevance", True), SortKey("NumArmGroups", True))


def test_a_token_leads_to_its_place_and_only_the_first_page_counts() -> None:
    call = read_studies_call({"pageToken": [page_token(70)], "countTotal": ["true"], "pageSize": ["20"]})
    assert (call.request.offset, call.request.limit, call.request.count, call.first_page) == (70, 20, False, False)
    for damaged in (page_token(70)[:-2] + "AA", "abracadabra", "é", "=" * 8):
        with pytest.raises(ParameterError):
            read_studies_call({"pageToken": [damaged]})


def test_others_may_bring_parameters_of_their_own() -> None:
    params = {"q": ["imatinib"], "query.cond": ["asthma"]}
    assert len(request_from_v2(params, also={"q"}).queries) == 1
    with pytest.raises(ParameterError, match="`q` is unknown parameter"):
        request_from_v2(params)


def test_a_value_given_twice_must_be_the_same() -> None:
    assert request_from_v2({"query.cond": ["asthma", "asthma"]}).queries
    with pytest.raises(ParameterError, match="more than once"):
        request_from_v2({"query.cond": ["asthma", "cough"]})
    assert request_from_v2({"filter.ids": ["NCT1", "NCT2"]}).keys == ("NCT00000001", "NCT00000002")
