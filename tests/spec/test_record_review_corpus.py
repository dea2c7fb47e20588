"""The review over many published records: no crash, and no finding above a note that fires on more than a third.

The whole corpus is read from the folder named by TRIALWRIGHT_CORPUS; the sample among the fixtures is always read.
"""

import os
from collections import Counter
from pathlib import Path

import pytest

from trialwright.exchange.ctgov import Kept, Refusal, iterate_records
from trialwright.registry.record import Record
from trialwright.review.record import review_record
from trialwright.vocabulary.findings import Severity

FIXTURES = Path(__file__).parents[1] / "fixtures/registry"
CORPUS = os.environ.get("TRIALWRIGHT_CORPUS", "")


def records(folder: Path) -> list[Record]:
    kept: list[Record] = []
    for item in iterate_records(folder):
        match item:
            case Kept():
                kept.append(item.record)
            case Refusal():
                raise AssertionError(item.finding)
    return kept


def firing_rates(reviewed: list[Record]) -> dict[str, float]:
    """The share of records in which each code fires as an error or a warning."""
    counts: Counter[str] = Counter()
    for record in reviewed:
        found = review_record(record, record.nct_id or "")
        counts.update({finding.code for finding in found if finding.severity is not Severity.NOTE})
    return {code: count / len(reviewed) for code, count in sorted(counts.items())}


def test_the_sample_is_reviewed_and_no_warning_fires_on_more_than_a_third() -> None:
    reviewed = records(FIXTURES)
    assert len(reviewed) == 99
    rates = firing_rates(reviewed)
    assert rates
    assert {code: rate for code, rate in rates.items() if rate > 1 / 3} == {}


def test_records_published_in_both_forms_get_the_same_criteria_findings() -> None:
    for name in ("NCT00000410", "NCT02513394"):
        both = [records(FIXTURES / folder / f"{name}{suffix}")[0] for folder, suffix in (("v2", ".json"), ("classic", ".xml"))]
        codes = [
            sorted(f.code for f in review_record(one, "") if f.place.path.startswith("protocolSection.eligibility"))
            for one in both
        ]
        assert codes[0] == codes[1]


@pytest.mark.long
@pytest.mark.skipif(not CORPUS, reason="TRIALWRIGHT_CORPUS names no folder of registry records")
def test_the_corpus_is_reviewed_and_no_warning_fires_on_more_than_a_third() -> None:
    reviewed = [item.record for item in iterate_records(Path(CORPUS)) if isinstance(item, Kept)]
    assert len(reviewed) > 1000
    rates = firing_rates(reviewed)
    assert {code: rate for code, rate in rates.items() if rate > 1 / 3} == {}
