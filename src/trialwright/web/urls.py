"""Every address of the web door. A name in an address is letters, digits, dots, dashes and underscores, and no path."""

from __future__ import annotations

from django.urls import include, path, register_converter

from trialwright.web import pages
from trialwright.web.folders import NAME
from trialwright.web.portal import views as portal
from trialwright.web.workspace import views as workspace


class Name:
    """A trial's, study's or participant's name in an address."""

    regex = NAME

    def to_python(self, value: str) -> str:
        """As it stands."""
        return value

    def to_url(self, value: str) -> str:
        """As it stands."""
        return value


register_converter(Name, "name")

urlpatterns = [
    path("", portal.find, name="find"),
    path("locations/", portal.locations, name="locations"),
    path("study/<name:name>.json", portal.study_json, name="study-json"),
    path("study/<name:name>/", portal.study, name="study"),
    path("trial/<name:name>/", workspace.room, name="room"),
    path("trial/<name:name>/findings/", workspace.findings, name="findings"),
    path("trial/<name:name>/participant/<name:person>/", workspace.participant, name="participant"),
    path("trial/<name:name>/estimate/", workspace.estimate, name="estimate"),
    path("trial/<name:name>/log/", workspace.log, name="log"),
    path("trial/<name:name>/report/", workspace.report, name="report"),
    path("trial/<name:name>/report.pdf", workspace.report_pdf, name="report-pdf"),
    path("api/", include("trialwright.web.api.urls")),
    path("style/study.css", pages.study_style, name="study-style"),
    path("robots.txt", pages.robots, name="robots"),
    path("healthz", pages.health, name="health"),
]

handler400 = pages.bad_request
handler404 = pages.not_found
handler500 = pages.server_error
