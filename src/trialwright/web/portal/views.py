"""The portal's pages. Every fact comes from the record; the study page itself from ``report``."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import mark_safe

from trialwright.exchange.ctgov import format_record
from trialwright.report.study_page import study_page_body
from trialwright.web.access import is_owner
from trialwright.web.pages import page
from trialwright.web.portal.catalogue import ListedStudy, by_place, find_study, matching, studies
from trialwright.web.workspace.folder import public_extras, rooms

LONGEST_QUESTION = 200


def find(request: HttpRequest) -> HttpResponse:
    """The studies of this home folder, filtered by words."""
    asked = " ".join(request.GET.get("q", "").split())[:LONGEST_QUESTION]
    listed = studies()
    context = {"asked": asked, "all": listed, "found": matching(asked, listed), "rooms": rooms(is_owner(request))}
    return page(request, "portal/find.html", context)


def locations(request: HttpRequest) -> HttpResponse:
    """The studies by country and city."""
    return page(request, "portal/locations.html", {"countries": by_place(studies())})


def study(request: HttpRequest, name: str) -> HttpResponse:
    """The public page of one study."""
    found = _study(name)
    extras = replace(
        public_extras(found.trial, found.processed_on),
        find_trials_href=reverse("find"),
        by_location_href=reverse("locations"),
        json_href=reverse("study-json", args=[found.id]),
        owner_findings_href=reverse("findings", args=[found.trial.name]) if is_owner(request) else "",
    )
    body = mark_safe(study_page_body(found.record, extras))  # noqa: S308 - rendered and escaped by report
    rehearsed = [one for one in rooms(is_owner(request)) if one.folder == found.trial]
    return page(request, "portal/study.html", {"body": body, "title": found.title, "rooms": rehearsed})


def study_json(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001 - the record is the same for all
    """The record itself, in the registry's v2 shape."""
    return HttpResponse(format_record(_study(name).record), content_type="application/json; charset=utf-8")


def _study(name: str) -> ListedStudy:
    found = find_study(name)
    if found is None:
        raise Http404
    return found
