"""What changed between two versions of a record, in the words of its fields."""

import json
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.registry.catalogue import Difference, differences

SAMPLE = Path(__file__).parents[2] / "src/trialwright/registry/data/sample.zip"


def protocol(**modules: Any) -> dict[str, Any]:
    return {"protocolSection": {f"{name}Module": module for name, module in modules.items()}}


def site(facility: str, status: str = "RECRUITING", **more: Any) -> dict[str, Any]:
    return {"facility": facility, "city": "Bergamo", "status": status, **more}


def told(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [str(one) for one in differences(old, new)]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            protocol(status={"overallStatus": "RECRUITING"}),
            protocol(status={"overallStatus": "ACTIVE_NOT_RECRUITING"}),
            ["Overall status: Recruiting → Active, not recruiting"],
        ),
        (
            protocol(status={"startDateStruct": {"date": "2020-01", "type": "ESTIMATED"}}),
            protocol(status={"startDateStruct": {"date": "2020-02-03", "type": "ACTUAL"}}),
            ["Start date: 2020-01 → 2020-02-03", "Start date: type: Estimated → Actual"],
        ),
        (
            protocol(design={"enrollmentInfo": {"count": 25}}),
            protocol(design={"enrollmentInfo": {"count": 40}}),
            ["Enrollment: 25 → 40"],
        ),
        (protocol(design={"phases": ["PHASE1"]}), protocol(design={"phases": ["PHASE1", "PHASE2"]}), ["Phases added: Phase 2"]),
        (protocol(status={"whyStopped": "slow"}), protocol(status={}), ["Reason for stopping removed: slow"]),
        (
            protocol(contactsLocations={"locations": [site("A"), site("B")]}),
            protocol(contactsLocations={"locations": [site("B", "COMPLETED"), site("C")]}),
            ["Site removed: A, Bergamo", "Site B, Bergamo: Status: Recruiting → Completed", "Site added: C, Bergamo"],
        ),
        (
            protocol(outcomes={"primaryOutcomes": [{"measure": "Response"}]}),
            protocol(outcomes={"primaryOutcomes": [{"measure": "Response", "description": "at 12 weeks"}]}),
            ["Primary outcome Response: Description added: at 12 weeks"],
        ),
        (protocol(oversight={"oversightHasDmc": False}), protocol(oversight={"oversightHasDmc": True}), None),
        ({**protocol(), "hasResults": False}, {**protocol(), "hasResults": True}, ["Has results: no → yes"]),
    ],
)
def test_a_difference_reads_in_field_words(old: dict[str, Any], new: dict[str, Any], words: list[str] | None) -> None:
    assert told(old, new) == (words or ["Data monitoring committee: no → yes"])


def test_a_site_that_only_moves_up_the_list_is_no_difference() -> None:
    sites = [site("A"), site("B"), site("C")]
    assert told(protocol(contactsLocations={"locations": sites}), protocol(contactsLocations={"locations": sites[::-1]})) == []


def test_two_sites_of_one_name_are_told_apart() -> None:
    old = protocol(contactsLocations={"locations": [site("A"), site("A")]})
    new = protocol(contactsLocations={"locations": [site("A"), site("A", "COMPLETED"), site("A")]})
    assert told(old, new) == ["Site A, Bergamo: Status: Recruiting → Completed", "Site added: A, Bergamo"]


def test_a_long_text_shows_what_changed_in_it() -> None:
    before = "word " * 100 + "age > 15 years " + "more " * 100
    (one,) = differences(
        protocol(eligibility={"eligibilityCriteria": before}),
        protocol(eligibility={"eligibilityCriteria": before.replace("15", "18")}),
    )
    assert one.before == before
    assert len(str(one)) < 300
    assert "age > 15 years" in str(one) and "age > 18 years" in str(one)


def sample() -> list[dict[str, Any]]:
    with zipfile.ZipFile(SAMPLE) as archive:
        return [json.loads(line) for line in archive.read("studies.ndjson").splitlines()[:40]]


def test_a_record_does_not_differ_from_itself_and_two_records_do() -> None:
    records = sample()
    assert all(differences(one, json.loads(json.dumps(one))) == () for one in records)
    for one, other in pairwise(records):
        found = differences(one, other)
        assert any(entry.path == "protocolSection.identificationModule.nctId" for entry in found)
        assert all(isinstance(entry, Difference) and entry.label and str(entry) for entry in found)
        back = differences(other, one)
        assert {(entry.path, entry.before, entry.after) for entry in found} == {
            (entry.path, entry.after, entry.before) for entry in back
        }


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "date", "x"]), inner, max_size=3),
    max_leaves=12,
)
objects = st.dictionaries(st.sampled_from(["aModule", "label", "dateStruct", "y"]), json_values, max_size=3)


@given(objects, objects)
def test_any_two_objects_can_be_compared(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert differences(old, old) == ()
    for one in differences(old, new):
        assert one.kind in ("added", "removed", "changed")
        assert str(one)
