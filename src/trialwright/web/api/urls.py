"""Every address under ``/api``; a slash at the end makes no difference."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import URLPattern, re_path

from trialwright.web.api import facts, own, stats, studies
from trialwright.web.api.answers import Call, Missing, Reply, answered


def _at(address: str, view: Callable[..., Reply]) -> URLPattern:
    return re_path(rf"^{address}/?$", answered(view))


def nowhere(call: Call) -> Reply:  # noqa: ARG001 - every view takes the call
    """There is no such address."""
    raise Missing("Not Found")


urlpatterns = [
    _at("v2/studies", studies.studies),
    _at("v2/studies/metadata", facts.metadata),
    _at("v2/studies/search-areas", facts.search_areas),
    _at("v2/studies/enums", facts.enumerations),
    _at("v2/studies/download", studies.download),
    _at(r"v2/studies/(?P<number>[^/]+)", studies.study),
    _at("v2/stats/size", stats.size),
    _at("v2/stats/field/?[vV]alues", stats.field_values),
    _at("v2/stats/field/sizes", stats.field_sizes),
    _at("v2/stats/listSizes", stats.field_sizes),
    _at("v2/version", facts.version),
    _at("suggest", own.suggestions),
    _at("understand", own.understood),
    _at("expression", own.expression),
    _at(r"studies/(?P<number>[^/]+)/history", own.history),
    re_path("", answered(nowhere)),
]
