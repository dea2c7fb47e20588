"""The review of a plain record: a sound record gives no error or warning, and each fault gives its own finding."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from trialwright.exchange.ctgov import read_records
from trialwright.registry.record import Record
from trialwright.review.record import review_record
from trialwright.vocabulary.findings import Finding, Severity

ROOT = Path(__file__).parents[2]
SEED = ROOT / "trials/nilg-hes1-03/record/NCT00787384.v2.json"
PAGES = ROOT / "docs/reference/findings"

INCLUSION = ("age ≥ 18 years", "platelet count ≥ 100 x 10^9/L", "written informed consent")
EXCLUSION = ("active infection", "prior treatment with testamab")

SOUND: dict[str, Any] = {
    "protocolSection": {
        "identificationModule": {
            "nctId": "NCT00000001",
            "briefTitle": "Testamab in Lymphoma",
            "officialTitle": "A Randomized, Double-Blind, Phase II Study of Testamab in Lymphoma",
        },
        "statusModule": {
            "overallStatus": "COMPLETED",
            "startDateStruct": {"date": "2015-03"},
            "primaryCompletionDateStruct": {"date": "2018-05", "type": "ACTUAL"},
            "completionDateStruct": {"date": "2018-12", "type": "ACTUAL"},
            "studyFirstSubmitDate": "2015-01-12",
            "studyFirstPostDateStruct": {"date": "2015-01-14"},
            "lastUpdateSubmitDate": "2019-01-10",
        },
        "sponsorCollaboratorsModule": {"leadSponsor": {"name": "A hospital", "class": "OTHER"}},
        "descriptionModule": {"briefSummary": "The study compares testamab with placebo. Participants are followed for 2 years."},
        "conditionsModule": {"conditions": ["Lymphoma"]},
        "designModule": {
            "studyType": "INTERVENTIONAL",
            "phases": ["PHASE2"],
            "designInfo": {
                "allocation": "RANDOMIZED",
                "interventionModel": "PARALLEL",
                "maskingInfo": {"masking": "DOUBLE"},
            },
            "enrollmentInfo": {"count": 60, "type": "ACTUAL"},
        },
        "armsInterventionsModule": {
            "armGroups": [
                {"label": "Testamab", "type": "EXPERIMENTAL", "description": "100 mg by mouth every day for 12 weeks."},
                {"label": "Placebo", "type": "PLACEBO_COMPARATOR", "description": "One tablet by mouth every day for 12 weeks."},
            ],
            "interventions": [
                {"type": "DRUG", "name": "Testamab", "armGroupLabels": ["Testamab"]},
                {"type": "DRUG", "name": "Placebo", "armGroupLabels": ["Placebo"]},
            ],
        },
        "outcomesModule": {
            "primaryOutcomes": [{"measure": "Complete response by RECIST 1.1", "timeFrame": "12 weeks"}],
            "secondaryOutcomes": [{"measure": "Overall survival", "timeFrame": "2 years"}],
        },
        "eligibilityModule": {"healthyVolunteers": False, "sex": "ALL", "minimumAge": "18 Years"},
        "contactsLocationsModule": {
            "locations": [
                {
                    "facility": "A hospital",
                    "city": "Bergamo",
                    "zip": "24128",
                    "country": "Italy",
                    "contacts": [{"name": "A desk"}],
                },
                {"facility": "B hospital", "city": "Brescia", "zip": "25123", "country": "Italy"},
            ]
        },
    },
    "hasResults": True,
}


def criteria(inclusion: tuple[str, ...] = INCLUSION, exclusion: tuple[str, ...] = EXCLUSION) -> str:
    def listed(items: tuple[str, ...]) -> str:
        return "\n".join(f"* {item}" for item in items)

    return f"Inclusion Criteria:\n\n{listed(inclusion)}\n\nExclusion Criteria:\n\n{listed(exclusion)}"


def record(changes: dict[str, Any] | None = None, text: str | None = None) -> Record:
    raw = deepcopy(SOUND)
    raw["protocolSection"]["eligibilityModule"]["eligibilityCriteria"] = criteria() if text is None else text
    for path, value in (changes or {}).items():
        *nodes, last = path.split(".")
        node = raw if path == "hasResults" else raw["protocolSection"]
        for key in nodes:
            node = node[int(key)] if isinstance(node, list) else node.setdefault(key, {})
        if value is None:
            node.pop(last, None)
        elif isinstance(node, list):
            node[int(last)] = value
        else:
            node[last] = value
    return Record(raw)


def review(changes: dict[str, Any] | None = None, text: str | None = None) -> tuple[Finding, ...]:
    return review_record(record(changes, text), "record.json")


def only(code: str, found: tuple[Finding, ...]) -> Finding:
    matching = [finding for finding in found if finding.code == code]
    assert len(matching) == 1, [(finding.code, finding.title) for finding in found]
    return matching[0]


STATUS, DESIGN = "statusModule", "designModule"
OUTCOMES, ARMS, SITES = "outcomesModule", "armsInterventionsModule", "contactsLocationsModule"
ONE_ARM = {f"{ARMS}.armGroups": [{"label": "Testamab", "type": "EXPERIMENTAL"}], f"{ARMS}.interventions": []}
OPEN_ARM = {
    **ONE_ARM,
    f"{DESIGN}.designInfo.interventionModel": "SINGLE_GROUP",
    f"{DESIGN}.designInfo.allocation": "NA",
    f"{DESIGN}.designInfo.maskingInfo.masking": "NONE",
    "identificationModule.officialTitle": "Testamab in Lymphoma",
}
COPY = "Patients receive 100 mg of testamab by mouth every morning and the treatment was stopped after twelve weeks"


def with_inclusion(*more: str) -> str:
    return criteria((*INCLUSION, *more))


def with_exclusion(*more: str) -> str:
    return criteria(exclusion=(*EXCLUSION, *more))


FAULTS: list[tuple[str, str, dict[str, Any], str | None]] = [
    ("TW-R001", "error", {}, criteria(("age > 18 years",), ("age < 18 years",))),
    ("TW-R001", "warning", {}, criteria(("LVEF > 40%",), ("LVEF < 40%",))),
    ("TW-R001", "warning", {}, criteria(("total bilirubin ≤ 1.5 x ULN",), ("bilirubin > 3 times the upper limit of normal",))),
    ("TW-R002", "warning", {}, criteria(("platelets ≤ 100,000/mm3",), ("platelet count ≥ 100 x 10^9/L",))),
    ("TW-R002", "warning", {}, criteria(("BMI 18 - 35",), ("BMI > 30",))),
    ("TW-R003", "warning", {}, criteria(("21 years of age or older",))),
    ("TW-R003", "note", {}, criteria(("older than 18 years of age",))),
    ("TW-R004", "error", {}, criteria(("HbA1c at least 7 %",), ("HbA1c greater than or equal to 6.5%",))),
    ("TW-R005", "error", {"eligibilityModule.maximumAge": "12 Years"}, None),
    ("TW-R006", "note", {}, criteria(("ECOG performance status 0, 1 or 2",), ("ECOG > 2",))),
    ("TW-R006", "note", {}, with_exclusion("No written informed consent")),
    ("TW-R007", "warning", {}, criteria(("Karnofsky 80-100%", "aged 18 to 75 years", "between 18 and 65 years old"))),
    (
        "TW-R010",
        "warning",
        {"eligibilityModule.minimumAge": "12 Years"},
        criteria(("age ≥ 12 years", "consent by a parent or guardian if under 18")),
    ),
    (
        "TW-R011",
        "warning",
        {"conditionsModule.conditions": ["Asthma", "Chronic Bronchitis", "Emphysema"]},
        with_inclusion("diagnosis of asthma, bronchitis and emphysema"),
    ),
    ("TW-R012", "note", {}, with_inclusion("measurable QXF")),
    ("TW-R013", "note", {}, with_inclusion("previously untreated or treated with steroids and interferon")),
    ("TW-R014", "warning", {}, with_exclusion("No previous malignancy")),
    ("TW-R015", "note", {}, with_exclusion("severe heart or lung disease", "Severe heart or lung disease.")),
    ("TW-R016", "note", {}, with_inclusion("adequate renal and hepatic function")),
    ("TW-R017", "warning", {}, criteria((*INCLUSION, "a history of heart failure"), (*EXCLUSION, "a history of heart failure"))),
    ("TW-R018", "note", {}, "adults with lymphoma\nno infection"),
    ("TW-R018", "warning", {}, ""),
    ("TW-R019", "warning", {}, with_inclusion("Healthy male or female volunteers")),
    ("TW-R020", "warning", {f"{STATUS}.studyFirstSubmitDate": "2016-09-01", f"{STATUS}.studyFirstPostDateStruct": None}, None),
    (
        "TW-R020",
        "note",
        {
            f"{STATUS}.studyFirstSubmitDate": "2006-09-01",
            f"{STATUS}.studyFirstPostDateStruct": None,
            f"{STATUS}.startDateStruct": {"date": "2004-10"},
        },
        None,
    ),
    ("TW-R021", "warning", {f"{STATUS}.studyFirstSubmitDate": "2019-02-01", f"{STATUS}.studyFirstPostDateStruct": None}, None),
    ("TW-R022", "error", {f"{STATUS}.completionDateStruct": {"date": "2017"}}, None),
    ("TW-R023", "warning", {f"{STATUS}.overallStatus": "NOT_YET_RECRUITING"}, None),
    ("TW-R023", "warning", {f"{STATUS}.completionDateStruct": {"date": "2021-01"}}, None),
    ("TW-R024", "note", {"hasResults": False, f"{STATUS}.lastUpdateSubmitDate": "2020-12-01"}, None),
    ("TW-R025", "note", {f"{STATUS}.overallStatus": "TERMINATED"}, None),
    ("TW-R026", "warning", {f"{DESIGN}.enrollmentInfo": {"count": 0, "type": "ACTUAL"}}, None),
    ("TW-R026", "note", {f"{DESIGN}.enrollmentInfo.type": "ESTIMATED"}, None),
    ("TW-R030", "warning", {f"{OUTCOMES}.primaryOutcomes": []}, None),
    ("TW-R031", "warning", {f"{OUTCOMES}.primaryOutcomes.0.timeFrame": None}, None),
    ("TW-R032", "note", {f"{OUTCOMES}.secondaryOutcomes.0.timeFrame": None}, None),
    ("TW-R033", "warning", {f"{OUTCOMES}.primaryOutcomes.0.measure": "Response rate"}, None),
    ("TW-R034", "note", OPEN_ARM, None),
    ("TW-R035", "note", {"descriptionModule.briefSummary": "We assess: 1) activity; 2) the quality of life of all."}, None),
    (
        "TW-R036",
        "note",
        {"descriptionModule.briefSummary": "A study.", f"{OUTCOMES}.secondaryOutcomes": [{"measure": "Duration of response"}]},
        None,
    ),
    ("TW-R037", "note", {f"{OUTCOMES}.secondaryOutcomes.0.measure": "Adverse events"}, None),
    ("TW-R040", "warning", {f"{STATUS}.overallStatus": "RECRUITING", f"{SITES}.locations": [{"city": "Bergamo"}]}, None),
    ("TW-R040", "note", {f"{SITES}.locations": [{"city": "Bergamo"}]}, None),
    ("TW-R041", "warning", {f"{STATUS}.overallStatus": "RECRUITING", f"{SITES}.locations": []}, None),
    ("TW-R042", "note", {f"{SITES}.locations.1.zip": None}, None),
    ("TW-R043", "note", {f"{SITES}.locations.1": SOUND["protocolSection"][SITES]["locations"][0]}, None),
    ("TW-R044", "warning", {f"{SITES}.locations.1.status": "RECRUITING"}, None),
    (
        "TW-R050",
        "note",
        {
            f"{ARMS}.armGroups.0.description": COPY,
            f"{ARMS}.interventions.0.description": COPY.replace("was", "wsa"),
        },
        None,
    ),
    ("TW-R051", "warning", {f"{ARMS}.interventions.0.armGroupLabels": ["Testamab", "Arm B"]}, None),
    ("TW-R052", "note", {f"{ARMS}.interventions.1.armGroupLabels": []}, None),
    ("TW-R053", "note", {f"{ARMS}.armGroups.0.description": "The dose is increased weekly by 100 mg."}, None),
    (
        "TW-R054",
        "note",
        {f"{ARMS}.armGroups.0.description": "With an inadequate response the dose is increased by 100 mg."},
        None,
    ),
    ("TW-R055", "note", {f"{ARMS}.armGroups.0.description": "100 mg/die"}, None),
    ("TW-R060", "warning", {**OPEN_ARM, f"{DESIGN}.designInfo.allocation": "NON_RANDOMIZED"}, None),
    ("TW-R061", "warning", ONE_ARM, None),
    ("TW-R062", "warning", ONE_ARM, None),
    ("TW-R062", "note", {f"{DESIGN}.designInfo.interventionModel": "SINGLE_GROUP"}, None),
    ("TW-R063", "error", {f"{DESIGN}.designInfo.allocation": "NON_RANDOMIZED"}, None),
    ("TW-R064", "error", {f"{DESIGN}.designInfo.maskingInfo.masking": "NONE"}, None),
    ("TW-R064", "warning", {"identificationModule.officialTitle": "An Open-Label Study of Testamab"}, None),
    ("TW-R065", "warning", {f"{DESIGN}.designInfo.maskingInfo.masking": "NONE"}, None),
    ("TW-R066", "warning", ONE_ARM, None),
    ("TW-R067", "warning", {f"{DESIGN}.studyType": "OBSERVATIONAL"}, None),
    ("TW-R068", "error", {f"{DESIGN}.phases": ["PHASE3"]}, None),
    ("TW-R069", "note", {"eligibilityModule.sex": "MALE"}, with_exclusion("pregnant or lactating")),
]


def test_a_sound_record_is_left_in_peace() -> None:
    assert review() == ()


@pytest.mark.parametrize(("code", "severity", "changes", "text"), FAULTS)
def test_each_fault_has_its_finding(code: str, severity: str, changes: dict[str, Any], text: str | None) -> None:
    finding = only(code, review(changes, text))
    assert finding.severity == severity
    assert finding.place.file == "record.json"
    assert finding.title
    assert not finding.title.endswith(".")


def test_every_code_of_the_review_has_a_test_and_a_page() -> None:
    source = "".join(file.read_text("utf-8") for file in (ROOT / "src/trialwright/review/record").glob("*.py"))
    codes = {source[at : at + 7] for at in range(len(source)) if source.startswith("TW-R", at)}
    assert codes == {code for code, *_ in FAULTS}
    assert not [code for code in codes if not (PAGES / f"{code}.md").exists()]


SEED_FINDINGS = [
    ("TW-R001", "error", "Age 15 years is neither included nor excluded"),
    ("TW-R010", "warning", "Parents consent for minors, and nothing is said of the minor's own assent"),
    ("TW-R011", "warning", "“HES, CEL and CIH”: must a participant have all of them?"),
    ("TW-R031", "warning", "The primary outcome has no time at which it is measured"),
    ("TW-R033", "warning", "The primary outcome “Response rate” is not defined"),
    ("TW-R060", "warning", "The study is said to be non-randomized, and it has a single group"),
    ("TW-R021", "warning", "The study was registered after it was completed"),
    ("TW-R013", "note", "The criterion names prior treatments, and does not say whether another one excludes"),
    ("TW-R032", "note", "4 of 4 secondary outcomes state no time at which they are measured"),
    ("TW-R034", "note", "Nothing justifies the number of 25 participants in one arm"),
    ("TW-R035", "note", "No outcome measures the stated objective “long-term outcome”"),
    ("TW-R035", "note", "The title promises biological effects, and no outcome measures one"),
    ("TW-R036", "note", "“Duration of responses following drug withdrawal after 12 weeks” needs a follow-up, and its length is"),
    ("TW-R037", "note", "Adverse events are an outcome, and no grading scale is named"),
    ("TW-R024", "note", "The study was completed more than a year before the last change, and no results are posted with"),
    ("TW-R050", "note", "Two copies of one text differ: “was” in the arm, “wsa” there"),
    ("TW-R053", "note", "The dose is raised, and nothing says when it is held, lowered or stopped for toxicity"),
    ("TW-R054", "note", "What counts as “unsatisfactory response”, which decides the dose, is not said"),
    ("TW-R055", "note", "“mg/die” is not English for a dose per day"),
    ("TW-R012", "note", "IFN: never spelled out in the record"),
    ("TW-R040", "note", "4 sites are without a contact"),
    ("TW-R042", "note", "1 of 4 sites has no postal code; the others do"),
]


def test_the_seed_record_is_reviewed_as_the_expert_review_says_and_no_more() -> None:
    (kept,) = read_records(SEED).kept
    found = review_record(kept.record, kept.file)
    assert [(finding.code, str(finding.severity)) for finding in found] == [(code, weight) for code, weight, _ in SEED_FINDINGS]
    for finding, (_, _, title) in zip(found, SEED_FINDINGS, strict=True):
        assert finding.title.startswith(title)


def test_the_age_of_the_seed_comes_with_all_three_statements_and_a_witness() -> None:
    (kept,) = read_records(SEED).kept
    finding = only("TW-R001", review_record(kept.record, kept.file))
    assert finding.witness == "age 15 years"
    assert "Inclusion 2 wants age > 15 years" in finding.detail
    assert "exclusion 2 bars age < 15 years" in finding.detail
    assert "the record says 15 Years and over" in finding.detail
    assert finding.ways_out == ("inclusion age ≥ 15 years", "minimum age 16 years and exclusion age ≤ 15 years")
    text = kept.record.eligibility_text or ""
    offsets = finding.place.path.partition("[")[2].rstrip("]").split(":")
    assert text[int(offsets[0]) : int(offsets[1])] == "* age \\> 15 years."


def test_the_classic_seed_record_gives_the_same_findings() -> None:
    (kept,) = read_records(SEED.with_name("NCT00787384.2020-07-28.xml")).kept
    codes = [finding.code for finding in review_record(kept.record, kept.file)]
    assert codes == [code for code, _, _ in SEED_FINDINGS]


@pytest.mark.parametrize(
    ("inclusion", "exclusion"),
    [
        (("age ≥ 18 years",), ("age > 75 years",)),
        (("age 18 to 75 years",), ("pregnancy",)),
        (("systolic blood pressure > 140 mmHg",), ("systolic blood pressure > 180 mmHg",)),
        (("platelets ≥ 100,000/µL",), ("platelets < 50,000/µL if on anticoagulants",)),
        (("creatinine ≤ 1.5 mg/dL or creatinine clearance ≥ 60 mL/min",), ("creatinine > 3 mg/dL with proteinuria",)),
        (("ECOG 0-1",), ("donors aged over 60 years",)),
        (("QTc < 450 ms",), ("gestational age < 32 weeks",)),
    ],
)
def test_criteria_that_do_not_clash_are_left_in_peace(inclusion: tuple[str, ...], exclusion: tuple[str, ...]) -> None:
    found = review(text=criteria((*inclusion,), (*exclusion,)))
    assert [finding.code for finding in found if finding.code in ("TW-R001", "TW-R002", "TW-R004", "TW-R006", "TW-R007")] == []


def test_a_double_blind_follow_up_in_the_open_is_no_contradiction() -> None:
    title = "Open-Label Extension of a Randomized Double-Blind Phase II Study of Testamab"
    found = review({"identificationModule.officialTitle": title, f"{DESIGN}.designInfo.maskingInfo.masking": "NONE"})
    assert "TW-R064" not in {finding.code for finding in found}


def test_abbreviations_that_the_record_explains_anywhere_are_not_asked_for() -> None:
    found = review(
        {"conditionsModule.keywords": ["quantum xylo force (QXF)"]}, with_inclusion("measurable QXF, no HIV, DNA intact")
    )
    assert found == ()


def test_an_empty_record_is_reviewed_without_a_word_too_many() -> None:
    found = review_record(Record({}), "empty.json")
    assert [finding.code for finding in found] == ["TW-R018"]
    assert review_record(Record({"protocolSection": {"designModule": 3, "eligibilityModule": []}}), "odd.json") == found[
        :0
    ] + tuple(
        Finding(f.code, f.severity, type(f.place)("odd.json", path=f.place.path), f.title, f.detail, f.ways_out) for f in found
    )


def test_errors_come_first_and_the_same_record_gives_the_same_findings() -> None:
    changes = {f"{DESIGN}.phases": ["PHASE3"], f"{SITES}.locations.1.zip": None}
    weights = [finding.severity for finding in review(changes)]
    assert weights == sorted(weights, key=[Severity.ERROR, Severity.WARNING, Severity.NOTE].index)
    assert review(changes) == review(changes)
