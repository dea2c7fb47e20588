"""What is offered as FHIR is held against the R5 models of ``fhir.resources``, over every bundled real record."""

import json
import zipfile
from importlib.resources import files

import pytest
from fhir.resources.researchstudy import ResearchStudy

from trialwright.exchange.ctgov.fhir import fhir_study
from trialwright.registry.record import Record

pytestmark = pytest.mark.slow


def test_every_bundled_record_is_a_valid_research_study() -> None:
    sample = files("trialwright.registry") / "data" / "sample.zip"
    with sample.open("rb") as file, zipfile.ZipFile(file) as archive:
        records = [Record(json.loads(line)) for line in archive.read("studies.ndjson").splitlines()]
    studies = [ResearchStudy.model_validate_json(json.dumps(fhir_study(record))) for record in records]
    assert [study.id for study in studies] == [record.nct_id for record in records]


def test_the_model_refuses_what_is_no_research_study() -> None:
    with pytest.raises(ValueError):
        ResearchStudy.model_validate_json('{"resourceType": "ResearchStudy", "status": 7}')
