"""The portal's first pages: home, results, suggestions while typing. Every fact comes from a record or the index."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from trialwright.registry.catalogue import Edition
from trialwright.registry.index import Request, RequestError
from trialwright.registry.vocabularies.suggesting import did_you_mean, suggest
from trialwright.report.study_page import number
from trialwright.web.access import is_owner
from trialwright.web.editions import counted, edition, find, own_beside, own_records
from trialwright.web.pages import page
from trialwright.web.portal.addresses import Parameters
from trialwright.web.portal.asking import Asked, Problem, read_address
from trialwright.web.portal.maps import MOST_CITIES, MOST_MAPPED, results_map
from trialwright.web.portal.presenting import presented
from trialwright.web.portal.quick import cards_html, facets_html
from trialwright.web.portal.searching import Results, card_at, cities_of, results_of
from trialwright.web.portal.speaking import language, speaking
from trialwright.web.workspace.folder import rooms

MOST_RECENT = 6
LONGEST_PREFIX = 60
MOST_SUGGESTED = 10


@speaking
def home(request: HttpRequest) -> HttpResponse:
    """The one box, ways to browse, and what changed last."""
    if request.GET:
        return HttpResponseRedirect(f"{reverse('search')}?{request.GET.urlencode()}")
    present = edition()
    beside = own_beside(present)
    context = {
        "count": present.count + (beside.count if beside else 0),
        "recent": _recent(present),
        "countries": counted(present, lambda index: index.places())[:8],
        "conditions": counted(present, lambda index: index.listed("Condition"))[:10],
        "recruiting": _recruiting(present),
        "rooms": rooms(is_owner(request)),
    }
    return page(request, "portal/home.html", context)


def warm() -> None:
    """Read what the first reader would otherwise wait for: gazetteer, vocabularies, the counts of all studies."""
    asked = read_address(Parameters.of([("q", ["imatinb near Bergamo"])]))
    if asked.request is not None:
        results_of(edition(), asked, asked.request, language())
    everything = read_address(Parameters(()))
    if everything.request is not None:
        results_of(edition(), everything, everything.request, language())
    suggest("as")
    did_you_mean("imatinb", edition().index.frequency)


def _recent(present: Edition) -> tuple[object, ...]:
    if not present.count:
        return ()
    found = find(present, Request(sort=(("LastUpdatePostDate", True),), limit=MOST_RECENT, count=False))
    own = own_records()
    return tuple(card_at(present, hit, language(), own.get(hit.key)) for hit in found.hits)


def _recruiting(present: Edition) -> int:
    buckets = counted(present, lambda index: index.facet("status"))
    return next((one.count for one in buckets if one.value == "RECRUITING"), 0)


@speaking
def search(request: HttpRequest) -> HttpResponse:
    """What was found, with filters, counts, order and map; or why nothing could be."""
    parameters = Parameters.of(request.GET.lists())
    asked = read_address(parameters)
    present = edition()
    results: Results | None = None
    if asked.request is not None:
        try:
            results = results_of(present, asked, asked.request, language())
        except RequestError as error:
            asked = Asked(parameters, None, Problem(str(error)))
    context: dict[str, object] = {
        "asked": asked,
        "results": results,
        "shown": presented(asked, results, _meant(present, asked, results)),
        "present": present,
        "search_href": reverse("search"),
    }
    if results is not None:
        context["choices"] = facets_html(results.facets)
        context["cards"] = cards_html(results.listed, asked, results.found.stems) if asked.view != "table" else ""
    if results is not None and asked.view == "map":
        context |= _mapped(present, asked.request, results.total, parameters) if asked.request else {}
    part = request.headers.get("HX-Target") == "results"
    response = render(
        request, "portal/results.html" if part else "portal/search.html", context, status=200 if asked.request else 400
    )
    patch_vary_headers(response, ("HX-Target",))
    return response


def _mapped(present: Edition, request: Request, total: int, here: Parameters) -> dict[str, object]:
    """The map of what was found, and of how many studies it is where there are more."""
    found = cities_of(present, replace(request, offset=0, limit=MOST_MAPPED, facets=()), MOST_CITIES)
    drawn, places = results_map(found, here)
    return {"map": drawn, "map_places": places, "mapped": number(MOST_MAPPED) if total > MOST_MAPPED else ""}


def _meant(present: Edition, asked: Asked, results: Results | None) -> str:
    """The words as they may have been meant, where nothing was found for them."""
    if results is None or results.total or not asked.words or asked.as_expression:
        return ""
    return did_you_mean(asked.words, present.index.frequency) or ""


def suggestions(request: HttpRequest) -> HttpResponse:
    """What could be meant by what was typed so far, as the options of the search box."""
    typed = " ".join(request.GET.get("q", "").split())[:LONGEST_PREFIX]
    index = edition().index
    found: dict[str, int] = {}
    if len(typed) > 1:
        for kind in ("condition", "intervention", "sponsor"):
            for one in index.suggest_terms(typed, kind, 5):
                found[one.value] = max(found.get(one.value, 0), one.count)
    known = [one.text for one in suggest(typed, 6)]
    ranked = [*sorted(found, key=lambda one: -found[one])[:MOST_SUGGESTED], *known]
    options = list({one.casefold(): one for one in reversed(ranked)}.values())[::-1][:MOST_SUGGESTED]
    return render(request, "portal/suggestions.html", {"options": options})
