"""Every address of the web door. A name in an address is letters, digits, dots, dashes and underscores, and no path."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, register_converter

from trialwright.web import pages
from trialwright.web.folders import NAME
from trialwright.web.portal import browse_views, feed_views, list_views, study_views
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


class Key:
    """A study's key in an address: its NCT number, or an organisation's own number, which may hold anything."""

    regex = r".{1,300}?"

    def to_python(self, value: str) -> str:
        """As it stands."""
        return value

    def to_url(self, value: str) -> str:
        """As it stands; Django escapes it."""
        return value


register_converter(Name, "name")
register_converter(Key, "key")

# English without a prefix, Italian under /it/: an address says its language, so no cookie has to.
urlpatterns = [
    *i18n_patterns(
        path("", portal.home, name="home"),
        path("search/", portal.search, name="search"),
        path("suggest/", portal.suggestions, name="suggest"),
        path("feed/", feed_views.feed, name="feed"),
        path("locations/", browse_views.locations, name="locations"),
        path("locations/<key:name>/", browse_views.country, name="country"),
        path("conditions/", browse_views.conditions, name="conditions"),
        path("sponsors/", browse_views.sponsors, name="sponsors"),
        path("glossary/", browse_views.glossary, name="glossary"),
        path("list/", list_views.kept_list, name="list"),
        path("compare/", list_views.compare, name="compare"),
        path("study/<key:name>/sites/", study_views.sites, name="sites"),
        path("study/<key:name>/history/", study_views.history, name="history"),
        path("study/<key:name>/", study_views.study, name="study"),
        prefix_default_language=False,
    ),
    path("study/<key:name>.json", study_views.study_json, name="study-json"),
    path("study/<key:name>.ris", study_views.study_ris, name="study-ris"),
    path("sitemap.xml", feed_views.sitemap, name="sitemap"),
    path("sitemap-<int:part>.xml", feed_views.sitemap_part, name="sitemap-part"),
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
