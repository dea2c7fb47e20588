"""The pages of one study: the study page, its sites, its history, its record as JSON and as a citation."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from trialwright.exchange.ctgov import format_record
from trialwright.exchange.ctgov.ris import ris_text
from trialwright.registry.catalogue import Difference, differences, key_of
from trialwright.registry.record import Record
from trialwright.report.study_page import Doors, Nearby, PageExtras, study_page_body, study_sites, title_of
from trialwright.web.access import is_owner
from trialwright.web.editions import edition
from trialwright.web.pages import page
from trialwright.web.portal.addresses import Parameters
from trialwright.web.portal.catalogue import ListedStudy, find_study, studies
from trialwright.web.portal.linked_data import medical_trial
from trialwright.web.portal.speaking import language, speaking
from trialwright.web.portal.whereabouts import RADII_KM, whereabouts
from trialwright.web.workspace.folder import public_extras, rooms

MOST_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """A study to show: its record, its key, the home's own trial that it belongs to, and when it was processed."""

    record: Record
    key: str
    own: ListedStudy | None
    processed_on: date


@speaking
def study(request: HttpRequest, name: str) -> HttpResponse:
    """The public page of one study."""
    found = _found(name)
    parameters = Parameters.of(request.GET.lists())
    body = study_page_body(found.record, _extras(request, found, parameters))
    rehearsed = [one for one in rooms(is_owner(request)) if found.own and one.folder == found.own.trial]
    context = {
        "body": _safe(body),
        "title": title_of(found.record),
        "rooms": rehearsed,
        "linked": _safe(medical_trial(found.record, request.build_absolute_uri(reverse("study", args=[found.key])))),
        "description": (found.record.brief_summary or "")[:300],
        "list": parameters.first("list"),
    }
    return page(request, "portal/study.html", context)


@speaking
def sites(request: HttpRequest, name: str) -> HttpResponse:
    """A study's sites, all or of one country; as a part of the study page where that asks for it."""
    found = _found(name)
    parameters = Parameters.of(request.GET.lists())
    listed = _safe(study_sites(found.record, _extras(request, found, parameters), parameters.first("country")))
    if parameters.first("part"):
        return HttpResponse(listed)
    context = {"sites": listed, "title": title_of(found.record), "key": found.key, "country": parameters.first("country")}
    return page(request, "portal/sites.html", context)


@dataclass(frozen=True, slots=True)
class Step:
    """One version of a record: when it was posted and seen, from where, and what changed since the one before."""

    posted: str
    seen_at: datetime
    source: str
    changes: tuple[Difference, ...] | None


@speaking
def history(request: HttpRequest, name: str) -> HttpResponse:
    """The versions of a record that this registry has seen, each with what changed."""
    found = _found(name)
    present = edition()
    versions = present.history(found.key)[:MOST_VERSIONS]
    texts = [json.loads(present.raw(one.address)) for one in versions]
    steps = tuple(
        Step(one.last_update_posted or "", one.seen_at, one.source, differences(before, text) if before is not None else None)
        for one, text, before in zip(versions, texts, [*texts[1:], None], strict=True)
    )
    context = {"steps": steps, "title": title_of(found.record), "key": found.key, "own": found.own}
    return page(request, "portal/history.html", context)


def study_json(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001 - the record is the same for all
    """The record itself, in the registry's v2 shape."""
    return HttpResponse(format_record(_found(name).record), content_type="application/json; charset=utf-8")


def study_ris(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001 - the citation is the same for all
    """The record as a citation."""
    found = _found(name)
    response = HttpResponse(
        ris_text(found.record.raw, found.processed_on), content_type="application/x-research-info-systems; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{found.key}.ris"'
    return response


def _found(name: str) -> Shown:
    """The study of that number, alias or trial name; the home's own stands before the registry's.

    Raises:
        Http404: There is none.
    """
    own = find_study(name) or next((one for one in studies() if (key_of(one.record) or "").casefold() == name.casefold()), None)
    if own is not None:
        return Shown(own.record, own.id, own, own.processed_on)
    present = edition()
    key = present.resolve(name)
    record = present.record(key) if key else None
    if key is None or record is None:
        raise Http404
    return Shown(record, key, None, present.manifest.data_timestamp.date())


def _extras(request: HttpRequest, found: Shown, parameters: Parameters) -> PageExtras:
    """What the page shows beside the record: addresses in its language, and how far the sites are."""
    plain = public_extras(found.own.trial, found.processed_on) if found.own else PageExtras(found.processed_on)
    near = parameters.first("near")
    place = whereabouts(near, float(RADII_KM[1])) if near else None
    kept = parameters.first("list")
    here = [found.key]
    carried = f"?near={place.name}" if place else ""
    return replace(
        plain,
        find_trials_href=reverse("home"),
        by_location_href=reverse("locations"),
        json_href=reverse("study-json", args=here),
        owner_findings_href=reverse("findings", args=[found.own.trial.name]) if found.own and is_owner(request) else "",
        language=language(),
        glance=True,
        nearby=Nearby(place.name, place.lat, place.lon) if place else None,
        doors=Doors(
            history=reverse("history", args=here),
            citation=reverse("study-ris", args=here),
            keep=f"{reverse('list')}?ids={','.join([*kept.split(','), found.key] if kept else here)}",
            compare=f"{reverse('compare')}?ids={','.join([*kept.split(',')[:3], found.key] if kept else here)}",
            sites=reverse("sites", args=here) + carried,
        ),
    )


def _safe(markup: str) -> SafeString:
    return mark_safe(markup)  # noqa: S308 - rendered and escaped by report and linked_data
