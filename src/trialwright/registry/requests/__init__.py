"""Calls in the parameters of ClinicalTrials.gov's API, read into requests to the index. Pure: no catalogue, no network."""

from trialwright.registry.requests.aggregated import FACETS, OPTIONS
from trialwright.registry.requests.errors import ParameterError
from trialwright.registry.requests.paging import page_token
from trialwright.registry.requests.reading import Params, listed, one_of, refuse_unknown, shown, single, truth, whole_number
from trialwright.registry.requests.studies import (
    KNOWN,
    MARKUPS,
    QUERY_AREAS,
    StudiesCall,
    read_expression,
    read_fields,
    read_studies_call,
    request_from_v2,
    with_canonical_keys,
)

__all__ = [
    "FACETS",
    "KNOWN",
    "MARKUPS",
    "OPTIONS",
    "QUERY_AREAS",
    "ParameterError",
    "Params",
    "StudiesCall",
    "listed",
    "one_of",
    "page_token",
    "read_expression",
    "read_fields",
    "read_studies_call",
    "refuse_unknown",
    "request_from_v2",
    "shown",
    "single",
    "truth",
    "whole_number",
    "with_canonical_keys",
]
