"""Renders a page in the one layout, and the pages that say that something is not there. Computes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control

from trialwright.report.study_page import study_page_css
from trialwright.web.access import is_owner
from trialwright.web.portal.speaking import language, other_languages


def page(request: HttpRequest, template: str, context: Mapping[str, object], status: int = 200) -> HttpResponse:
    """A page in the layout."""
    return render(request, template, dict(context), status=status)


def everywhere(request: HttpRequest) -> dict[str, object]:
    """What every page may say."""
    resolved = request.resolver_match
    return {
        "owner": is_owner(request),
        "path": request.path,
        "here": resolved.url_name if resolved else "",
        "language": language(),
        "languages": other_languages(request) if resolved and not request.path.startswith("/trial") else (),
    }


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django passes it
    """There is no such page."""
    return page(request, "not_found.html", {}, status=404)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django passes it
    """The request could not be understood; it may name a host that is not ours, so nothing of it is shown."""
    return HttpResponse("This request is not understood here.\n", status=400, content_type="text/plain; charset=utf-8")


def server_error(request: HttpRequest) -> HttpResponse:
    """Our own mistake: said plainly, without what may have caused it."""
    return render(request, "server_error.html", {"owner": False, "path": "", "language": "en"}, status=500)


@cache_control(max_age=300, public=True)
def study_style(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the style is the same for all
    """The style sheet of the study page, from the room that owns it."""
    return HttpResponse(_study_css(), content_type="text/css; charset=utf-8")


@cache
def _study_css() -> str:
    return study_page_css()


def robots(request: HttpRequest) -> HttpResponse:
    """What search engines are asked to leave alone."""
    left = "".join(
        f"Disallow: {one}\n" for one in ("/trial", "/healthz", "/api/", "/list/", "/compare/", "/it/list/", "/it/compare/")
    )
    places = f"Sitemap: {request.build_absolute_uri('/sitemap.xml')}\n"
    return HttpResponse(f"User-agent: *\n{left}{places}", content_type="text/plain; charset=utf-8")


def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for all
    """Says that the program answers."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")
