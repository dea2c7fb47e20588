"""Calls generated from the official OpenAPI document, valid and not: never a server error, never another shape than promised."""

from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.api_homes import OAS, api_home
from tests.web_homes import web_client

ALWAYS = [not_a_server_error, status_code_conformance, response_headers_conformance]
SHAPED = [*ALWAYS, content_type_conformance, response_schema_conformance]
UNDECLARED = ("csv", "ris")  # formats that the document describes in words but lists no media type for

pytestmark = pytest.mark.slow  # generated calls


@cache
def operations() -> list[Any]:
    web_client(api_home())
    schema = schemathesis.openapi.from_dict(YAML(typ="safe", pure=True).load(OAS.read_text("utf-8")))
    schema.app = get_wsgi_application()
    return [found.ok() for found in schema.get_all_operations()]


def calls(mode: GenerationMode) -> st.SearchStrategy[Any]:
    return st.one_of([operation.as_strategy(generation_mode=mode) for operation in operations()])


def check(case: Any) -> None:
    answer = case.call(base_url="http://localhost/api/v2", headers={"Accept-Encoding": "identity"})
    case.validate_response(answer, checks=ALWAYS if (case.query or {}).get("format") in UNDECLARED else SHAPED)


def run(examples: int, mode: GenerationMode) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(calls(mode))
    def conforms(case: Any) -> None:
        check(case)

    conforms()


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_generated_calls_are_answered_as_promised(mode: GenerationMode) -> None:
    run(75, mode)


@pytest.mark.long
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_ten_thousand_generated_calls_are_answered_as_promised(mode: GenerationMode) -> None:
    run(5_000, mode)
