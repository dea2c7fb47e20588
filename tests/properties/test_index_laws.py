"""The index finds exactly the studies that an expression means, as a plain matcher over the raw records says.

Expressions are generated over the words, values and places of the real records that come with the product.
"""

from __future__ import annotations

from functools import cache
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.naive_search import Scope, Study, distance_km, holds, numbers, pieces
from tests.registry_samples import key_of, sample_index, sample_records

from trialwright.registry.index import DISTANCE, Near, Profile, Request
from trialwright.registry.index.analysis import stems
from trialwright.registry.language import (
    All,
    And,
    Area,
    Coverage,
    Distance,
    Expansion,
    Kind,
    Level,
    Missing,
    Node,
    Not,
    Or,
    Range,
    Search,
    Section,
    Tilt,
    Words,
    format_expression,
    parse_expression,
)
from trialwright.registry.structure import areas, structure, values

ALL_OF_THEM = 10_000
pytestmark = pytest.mark.slow  # a plain matcher beside the index, over hundreds of records
TEXT_AREAS = (*areas(), "BriefTitle", "Condition", "LeadSponsorName", "EligibilityCriteria", "Keyword", "OrgStudyId", "Acronym")
TYPED = {
    "OverallStatus": ("RECRUITING", "Completed", "not recruiting", "UNKNOWN", "nonsense"),
    "Phase": ("PHASE2", "Phase 3", "2", "NA", "early"),
    "Sex": ("female", "ALL"),
    "StdAge": ("CHILD", "older"),
    "HasResults": ("true", "no"),
    "HealthyVolunteers": ("yes", "false", "perhaps"),
    "EnrollmentCount": ("20", "100", "x"),
    "StartDate": ("2022", "2021-03", "2019-06-01", "never"),
    "MinimumAge": ("18 Years", "18", "6 months"),
}
RANGED = {
    "EnrollmentCount": ("0", "20", "100", "1000"),
    "StartDate": ("2005", "2019-06", "2021-01-15", "2024"),
    "LastUpdatePostDate": ("2015-01-01", "2023-05-05", "2025"),
    "MinimumAge": ("0 days", "6 Months", "18 Years"),
    "MaximumAge": ("17 Years", "65 Years", "80 Years"),
    "NumArmGroups": ("1", "2", "4"),
}
LISTS = ("Phase", "Location", "ArmGroup", "Condition", "Collaborator", "LocationContact", "LocationCity")
BRANCHES = (
    "Phase",
    "ResultsFirstPostDate",
    "LocationGeoPoint",
    "DesignInfo",
    "CollaboratorName",
    "SponsorSearch",
    "ResultsSection",
)


@cache
def studies() -> tuple[Study, ...]:
    return tuple(Study(raw) for raw in sample_records())


@cache
def some_words(piece: str) -> tuple[str, ...]:
    """Texts of a piece and stretches of them."""
    found = []
    for raw in sample_records()[::7]:
        for value in list(values(raw, structure().pieces[piece]))[:2]:
            words = str(value).split()
            found += [" ".join(words[:12]), " ".join(words[1:3]), " ".join(words[:1])]
    return tuple(sorted({one for one in found if stems(one)}))


@cache
def towns() -> tuple[tuple[str, str, str], ...]:
    every = (raw["protocolSection"].get("contactsLocationsModule", {}).get("locations", []) for raw in sample_records()[::5])
    return tuple(
        sorted(
            {(site["city"], site["country"], site.get("facility", "")) for site in chain.from_iterable(every) if "city" in site}
        )
    )


def words() -> st.SearchStrategy[Words]:
    texts = st.sampled_from(("BriefTitle", "Condition", "InterventionName", "LeadSponsorName", "Keyword", "BriefSummary"))
    return st.builds(Words, texts.flatmap(lambda piece: st.sampled_from(some_words(piece))), st.booleans())


def typed() -> st.SearchStrategy[Node]:
    return st.sampled_from([Area(name, False, Words(text)) for name, texts in TYPED.items() for text in texts])


def ranges() -> st.SearchStrategy[Node]:
    def of(name: str) -> st.SearchStrategy[Node]:
        bound = st.none() | st.sampled_from(RANGED[name])
        return st.builds(lambda low, high: Area(name, False, Range(low, high)), bound, bound)

    return st.sampled_from(sorted(RANGED)).flatmap(of)


def sizes() -> st.SearchStrategy[Node]:
    exact = st.builds(Words, st.integers(0, 6).map(str))
    between = st.builds(Range, st.none() | st.integers(0, 3).map(str), st.none() | st.integers(2, 9).map(str))
    return st.builds(lambda name, part: Area(name, True, part), st.sampled_from(LISTS), exact | between)


def circles() -> st.SearchStrategy[Node]:
    return st.builds(
        lambda lat, lon, radius: Area("LocationGeoPoint", False, Distance(lat, lon, radius)),
        st.floats(25, 60, allow_nan=False).map(lambda x: round(x, 4)),
        st.floats(-130, 145, allow_nan=False).map(lambda x: round(x, 4)),
        st.sampled_from((1.0, 25.0, 160.9344, 804.672)),
    )


def site_terms() -> st.SearchStrategy[Node]:
    def of(town: tuple[str, str, str]) -> st.SearchStrategy[Node]:
        city, country, facility = town
        return st.sampled_from(
            [
                Area("LocationCity", False, Words(city)),
                Area("LocationCountry", False, Words(country)),
                Area("LocationCountry", False, Coverage(Kind.FULL_MATCH, Words(country))),
                Area("LocationFacility", False, Words(facility or "clinic")),
                Area("LocationFacility", False, Words("hospital", quoted=True)),
                Area("LocationStatus", False, Words("recruiting")),
                Area("LocationStatus", False, Words("COMPLETED")),
                Area("LocationState", False, Missing()),
                Area("LocationContact", False, Missing()),
                Area("LocationGeoPoint", False, Missing()),
                Area("LocationGeoPoint", False, Distance(45.7, 9.67, 300.0)),
                Words(city),
                All(),
            ]
        )

    return st.sampled_from(towns()).flatmap(of)


def combined(leaves: st.SearchStrategy[Node], most: int) -> st.SearchStrategy[Node]:
    def more(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.builds(Not, inner) | st.builds(And, several) | st.builds(Or, several)

    return st.recursive(leaves, more, max_leaves=most)


def expressions() -> st.SearchStrategy[Node]:
    plain = words()
    anywhere = st.builds(lambda area, part: Area(area, False, part), st.sampled_from(TEXT_AREAS), plain)
    expanded = st.builds(Expansion, st.sampled_from(list(Level)), plain)
    covered = st.builds(
        lambda area, kind, part: Area(area, False, Coverage(kind, part)),
        st.sampled_from(("Condition", "BriefTitle", "LeadSponsorName", "ConditionSearch", "InterventionName")),
        st.sampled_from(list(Kind)),
        plain,
    )
    missing = st.sampled_from([Area(name, False, Missing()) for name in BRANCHES])
    tilted = st.builds(Tilt, st.sampled_from(("StartDate", "EnrollmentCount")), plain)
    at_sites = st.builds(Search, st.just(Section.LOCATION), combined(site_terms(), 4))
    return combined(
        plain | anywhere | expanded | covered | typed() | ranges() | sizes() | circles() | missing | tilted | at_sites, 5
    )


def found(node: Node, area: str = "BasicSearch") -> set[str]:
    answer = sample_index().find(Request(queries=((area, node),), synonyms=False, limit=ALL_OF_THEM))
    assert answer.total == len(answer.hits)
    return {hit.key for hit in answer.hits}


def meant(node: Node, area: str = "BasicSearch") -> set[str]:
    return {key_of(study.raw) for study in studies() if holds(study, node, Scope(area))}


def agree(node: Node) -> None:
    assert found(node) == meant(node), format_expression(node)


@settings(max_examples=60)
@given(expressions())
def test_the_index_finds_what_an_expression_means(node: Node) -> None:
    agree(node)


@settings(max_examples=40)
@given(combined(site_terms(), 5))
def test_conditions_inside_a_search_of_locations_hold_at_one_and_the_same_site(node: Node) -> None:
    agree(Search(Section.LOCATION, node))


@pytest.mark.long
@settings(max_examples=5_000)
@given(expressions())
def test_the_index_finds_what_thousands_of_expressions_mean(node: Node) -> None:
    agree(node)


@settings(max_examples=40)
@given(expressions(), expressions())
def test_both_conditions_find_what_each_finds_and_no_more(one: Node, two: Node) -> None:
    assert found(And((one, two))) == found(one) & found(two)
    assert found(Or((one, two))) == found(one) | found(two)
    assert found(Not(one)) == {key_of(raw) for raw in sample_records()} - found(one)


@settings(max_examples=40)
@given(words(), st.sampled_from(sorted(areas())))
def test_other_names_only_add_studies(term: Words, area: str) -> None:
    request = Request(queries=((area, term),), limit=ALL_OF_THEM)
    with_names = {hit.key for hit in sample_index().find(request).hits}
    assert found(term, area) <= with_names


@settings(max_examples=40)
@given(expressions())
def test_an_expression_written_out_and_read_again_finds_the_same(node: Node) -> None:
    assert found(parse_expression(format_expression(node))) == found(node)


SORTS = st.sampled_from(
    [
        (),
        (("@relevance", True),),
        (("@relevance", False),),
        (("LastUpdatePostDate", True),),
        (("EnrollmentCount", False), ("StartDate", True)),
        (("NumArmGroups", True), ("@relevance", True)),
        (("ResultsFirstPostDate", False), ("EnrollmentCount", True)),
        (("MinimumAge", True),),
        ((DISTANCE, False),),
    ]
)


@settings(max_examples=30)
@given(expressions(), SORTS, st.integers(1, 40))
def test_pages_partition_the_result_in_every_order(node: Node, sort: tuple[tuple[str, bool], ...], size: int) -> None:
    request = Request(queries=(("BasicSearch", node),), synonyms=False, sort=sort, near=Near(45.7, 9.67))
    pages = [
        [hit.key for hit in sample_index().find(_page(request, offset, size)).hits]
        for offset in range(0, len(sample_records()) + size, size)
    ]
    listed = list(chain.from_iterable(pages))
    assert len(listed) == len(set(listed))
    assert set(listed) == found(node)
    assert all(len(page) == size for page in pages[: len(listed) // size])
    assert listed == [hit.key for hit in sample_index().find(_page(request, 0, ALL_OF_THEM)).hits]


def _page(request: Request, offset: int, limit: int) -> Request:
    return Request(request.queries, near=request.near, synonyms=False, sort=request.sort, offset=offset, limit=limit)


@settings(max_examples=30)
@given(st.sampled_from(sorted(RANGED)), st.booleans())
def test_an_order_by_a_piece_goes_by_its_values_with_studies_without_one_last(name: str, descending: bool) -> None:
    request = Request(sort=((name, descending),), limit=ALL_OF_THEM)
    by_key = {key_of(study.raw): study for study in studies()}
    order = [numbers(by_key[hit.key], structure().pieces[name]) for hit in sample_index().find(request).hits]
    known = [one[0] for one in order if one]
    assert known == sorted(known, reverse=descending)
    assert all(order[: len(known)])
    assert len(order) == len(sample_records())


@settings(max_examples=40)
@given(st.floats(25, 60), st.floats(-130, 145), st.none() | st.sampled_from((50.0, 500.0)))
def test_the_nearest_site_and_its_distance_are_exact_and_order_the_studies(
    lat: float, lon: float, radius_km: float | None
) -> None:
    request = Request(near=Near(lat, lon, radius_km), sort=((DISTANCE, False),), limit=ALL_OF_THEM)
    hits = sample_index().find(request).hits
    nearest = {}
    for study in studies():
        points = study.values(structure().pieces["LocationGeoPoint"])
        distances = [distance_km(Distance(lat, lon, 1.0), point) for point in points if isinstance(point, dict)]
        if distances and (radius_km is None or min(distances) <= radius_km):
            nearest[key_of(study.raw)] = min(distances)
    measured = {hit.key: hit.distance_km for hit in hits if hit.distance_km is not None}
    assert measured == pytest.approx(nearest, abs=1e-6)
    order = [hit.distance_km for hit in hits if hit.distance_km is not None]
    assert order == sorted(order)
    assert [hit.distance_km for hit in hits[: len(order)]] == order


@settings(max_examples=40)
@given(
    expressions(),
    st.sampled_from((("status", "OverallStatus"), ("phase", "Phase"), ("country", "LocationCountry"), ("sex", "Sex"))),
)
def test_facets_count_the_studies_that_have_each_value(node: Node, facet: tuple[str, str]) -> None:
    name, piece = facet
    request = Request(queries=(("BasicSearch", node),), synonyms=False, facets=(name,))
    counted = {bucket.value: bucket.count for bucket in sample_index().find(request).facets[name]}
    expected: dict[str, int] = {}
    for study in studies():
        if key_of(study.raw) in found(node):
            for value in {str(value) for value in study.values(structure().pieces[piece])}:
                expected[value] = expected.get(value, 0) + 1
    assert counted == expected


@settings(max_examples=40)
@given(st.integers(0, 100), st.sampled_from((None, "FEMALE", "MALE")), st.booleans())
def test_a_profile_keeps_the_studies_whose_bounds_admit_the_person(age: int, sex: str | None, healthy: bool) -> None:
    request = Request(profile=Profile(age, sex, healthy), limit=ALL_OF_THEM)  # type: ignore[arg-type]
    kept = {hit.key for hit in sample_index().find(request).hits}
    assert kept == {key_of(study.raw) for study in studies() if _admits(study, age, sex, healthy)}


def _admits(study: Study, age: int, sex: str | None, healthy: bool) -> bool:
    known = {
        name: study.values(piece) for name in ("MinimumAge", "MaximumAge", "Sex", "HealthyVolunteers") for piece in pieces(name)
    }
    young, old = (numbers(study, structure().pieces[name]) for name in ("MinimumAge", "MaximumAge"))
    unit = 525_960 if known["MaximumAge"] and "Year" in str(known["MaximumAge"][0]) else 43_830
    if young and age * 525_960 < young[0]:
        return False
    if old and age * 525_960 >= old[0] + unit:
        return False
    if sex and known["Sex"] and known["Sex"][0] not in ("ALL", sex):
        return False
    return not healthy or True in known["HealthyVolunteers"]
