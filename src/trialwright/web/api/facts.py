"""What the interface says of itself: its version, the tree of fields, the search areas, the enumerations."""

from __future__ import annotations

from datetime import UTC

from trialwright.registry.requests import refuse_unknown, truth
from trialwright.registry.structure import enum_infos, field_nodes, search_documents
from trialwright.web.api.answers import Call, Reply, as_json

API_VERSION = "2.0.5"


def version(call: Call) -> Reply:
    """Versions of the interface and of the data."""
    refuse_unknown(call.params, ())
    stamp = call.edition.manifest.data_timestamp.astimezone(UTC)
    return as_json({"apiVersion": API_VERSION, "dataTimestamp": f"{stamp:%Y-%m-%dT%H:%M:%S}"})


def metadata(call: Call) -> Reply:
    """The tree of fields."""
    refuse_unknown(call.params, ("includeIndexedOnly", "includeHistoricOnly"))
    indexed, historic = truth(call.params, "includeIndexedOnly"), truth(call.params, "includeHistoricOnly")
    return as_json(field_nodes(indexed_only=indexed, historic_only=historic))


def search_areas(call: Call) -> Reply:
    """The search areas."""
    refuse_unknown(call.params, ())
    return as_json(search_documents())


def enumerations(call: Call) -> Reply:
    """The enumerations."""
    refuse_unknown(call.params, ())
    return as_json(enum_infos())
