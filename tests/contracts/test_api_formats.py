"""Records as CSV, RIS and FHIR: what stands where, for every fixture record."""

import csv
import io
import re
from datetime import date
from typing import Any

import pytest
from tests.api_homes import raws

from trialwright.exchange.ctgov.csv import COLUMNS, csv_text
from trialwright.exchange.ctgov.fhir import fhir_study
from trialwright.exchange.ctgov.legacy import legacy_text, with_legacy_markup
from trialwright.exchange.ctgov.ris import TAGS, ris_text
from trialwright.registry.record import Record

EVERY = sorted(raws())
PROTOCOLLED = "NCT02369484"


def row(nct: str) -> dict[str, str]:
    (found,) = csv.DictReader(io.StringIO(csv_text([raws()[nct]], COLUMNS)))
    return found


def test_cells_hold_what_the_columns_say() -> None:
    cells = row(PROTOCOLLED)
    section = raws()[PROTOCOLLED]["protocolSection"]
    assert cells["Study URL"] == f"https://clinicaltrials.gov/study/{PROTOCOLLED}"
    assert cells["Conditions"].split("|") == section["conditionsModule"]["conditions"]
    assert cells["Phases"] == "|".join(section["designModule"]["phases"])
    assert cells["Age"] == ", ".join(section["eligibilityModule"]["stdAges"])
    assert cells["Interventions"].split("|")[0] == "{type}: {name}".format(
        **section["armsInterventionsModule"]["interventions"][0]
    )
    assert cells["Study Design"].startswith("Allocation: ") and "|Primary Purpose: " in cells["Study Design"]
    assert cells["Study Results"] == ("YES" if raws()[PROTOCOLLED]["hasResults"] else "NO")
    assert f"Study Protocol, https://cdn.clinicaltrials.gov/large-docs/84/{PROTOCOLLED}/Prot_001.pdf" in cells["Study Documents"]
    assert len(cells["Locations"].split("|")) == len(section["contactsLocationsModule"]["locations"])


@pytest.mark.parametrize("nct", EVERY)
def test_every_record_has_thirty_cells_an_entry_and_a_resource(nct: str) -> None:
    cells = row(nct)
    assert len(cells) == 30 and None not in cells and cells["NCT Number"] == nct
    lines = ris_text(raws()[nct], date(2026, 8, 14)).split("\r\n")
    assert lines[-1] == "" and all(re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line) and line[:2] in TAGS for line in lines[:-1])
    assert (lines[0], lines[-3], lines[-2]) == ("TY  - DBASE", "RD  - 2026/08/14", "ER  - ")
    resource = fhir_study(Record(raws()[nct]))
    assert resource["resourceType"] == "ResearchStudy" and resource["status"] == "active" and resource["id"] == nct
    held = {f"#{one['id']}" for one in resource.get("contained", [])}
    assert references(resource) == held
    assert all(party["role"]["coding"][0]["code"] for party in resource["associatedParty"])
    assert no_empty_member(resource)


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["reference"]} if isinstance(node.get("reference"), str) else set()
        return own.union(*(references(inner) for inner in node.values()))
    return set().union(*(references(inner) for inner in node)) if isinstance(node, list) else set()


def no_empty_member(node: Any) -> bool:
    if isinstance(node, dict):
        return all(value not in ("", None, [], {}) and no_empty_member(value) for value in node.values())
    return all(no_empty_member(inner) for inner in node) if isinstance(node, list) else True


def test_a_resource_says_phase_sites_and_who_pays() -> None:
    resource = fhir_study(Record(raws()[PROTOCOLLED]))
    section = raws()[PROTOCOLLED]["protocolSection"]
    assert resource["associatedParty"][0] == {
        "name": section["sponsorCollaboratorsModule"]["leadSponsor"]["name"],
        "role": {"coding": [{"system": "http://hl7.org/fhir/research-study-party-role", "code": "lead-sponsor"}]},
    }
    point = section["contactsLocationsModule"]["locations"][0]["geoPoint"]
    assert resource["contained"][0]["position"] == {"longitude": point["lon"], "latitude": point["lat"]}
    assert len(resource["comparisonGroup"]) == len(section["armsInterventionsModule"]["armGroups"])
    assert resource["phase"]["coding"][0]["code"] == section["designModule"]["phases"][0].lower().replace("phase", "phase-")


def test_legacy_markup_is_plain_text_and_leaves_the_record_alone() -> None:
    assert legacy_text("a \\> b\n\n* \\[c\\]\n* 5\\~6") == "a > b\r\n\r\n* [c]\r\n* 5~6"
    before = str(raws()[PROTOCOLLED])
    turned = with_legacy_markup(raws()[PROTOCOLLED])
    assert str(raws()[PROTOCOLLED]) == before
    assert turned["protocolSection"]["identificationModule"] == raws()[PROTOCOLLED]["protocolSection"]["identificationModule"]
