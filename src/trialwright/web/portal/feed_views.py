"""What programs follow: an Atom feed of a search, and the site maps for search engines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import islice
from xml.sax.saxutils import escape, quoteattr

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from trialwright.registry.index import RequestError
from trialwright.registry.record import Record
from trialwright.web.editions import edition, find, own_beside, own_records
from trialwright.web.portal.addresses import Parameters
from trialwright.web.portal.asking import Asked, read_address
from trialwright.web.portal.cards import card_of
from trialwright.web.portal.speaking import language, speaking

MOST_ENTRIES = 50
MOST_IN_MAP = 50_000  # the protocol's limit; https://www.sitemaps.org/protocol.html
FIXED = ("home", "locations", "conditions", "sponsors", "glossary")


@speaking
def feed(request: HttpRequest) -> HttpResponse:
    """The studies of a search, last updated first, as an Atom feed (RFC 4287)."""
    asked = read_address(Parameters.of(request.GET.lists()))
    try:
        text = _feed(request, asked) if asked.request else None
    except RequestError as error:
        return HttpResponse(f"{error}\n", status=400, content_type="text/plain; charset=utf-8")
    if text is None:
        message = asked.problem.message if asked.problem else ""
        return HttpResponse(f"{message}\n", status=400, content_type="text/plain; charset=utf-8")
    return HttpResponse(text, content_type="application/atom+xml; charset=utf-8")


def _feed(request: HttpRequest, asked: Asked) -> str:
    assert asked.request is not None
    present, own = edition(), own_records()
    newest = replace(asked.request, sort=(("LastUpdatePostDate", True),), offset=0, limit=MOST_ENTRIES, count=False)
    hits = find(present, newest).hits
    entries = [_entry(request, hit.key, own.get(hit.key) or present.at(hit.address)) for hit in hits]
    title = asked.parameters.first("q") or _("All studies")
    address, page = request.build_absolute_uri(), request.build_absolute_uri(reverse("search") + asked.parameters.query)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language()}">\n'
        f"<title>{escape(title)} · Trialwright</title>\n<id>{escape(address)}</id>\n"
        f'<link rel="self" href={quoteattr(address)}/>\n<link rel="alternate" type="text/html" href={quoteattr(page)}/>\n'
        f"<updated>{_instant(present.manifest.data_timestamp)}</updated>\n"
        f"<rights>{escape(_('Data sourced from ClinicalTrials.gov'))}</rights>\n"
        "<author><name>Trialwright</name></author>\n" + "".join(entries) + "</feed>\n"
    )


def _entry(request: HttpRequest, key: str, record: Record) -> str:
    card = card_of(record, key)
    address = request.build_absolute_uri(reverse("study", args=[key]))
    posted = record.last_update_posted_on or record.last_update_submitted_on
    day = (posted.first_day if posted else None) or date(1970, 1, 1)
    facts = " · ".join(part for part in (card.status, card.phase, card.conditions, card.sponsor, card.countries) if part)
    return (
        f"<entry>\n<title>{escape(_legal(card.title))}</title>\n<id>{escape(address)}</id>\n"
        f'<link rel="alternate" type="text/html" href={quoteattr(address)}/>\n'
        f"<updated>{day.isoformat()}T00:00:00Z</updated>\n"
        f"<summary>{escape(_legal(facts))}</summary>\n</entry>\n"
    )


def _legal(text: str) -> str:
    """The text without the control characters that no XML may hold."""
    return "".join(letter for letter in text if letter.isprintable() or letter in "\t\n")


def _instant(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def sitemap(request: HttpRequest) -> HttpResponse:
    """The index of the site maps."""
    parts = -(-edition().count // MOST_IN_MAP) if edition().count else 0
    addresses = [request.build_absolute_uri(reverse("sitemap-part", args=[one])) for one in range(parts + 1)]
    places = "".join(f"<sitemap><loc>{escape(one)}</loc></sitemap>\n" for one in addresses)
    return _xml(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{places}</sitemapindex>\n')


def sitemap_part(request: HttpRequest, part: int) -> HttpResponse:
    """Up to 50,000 study pages; part 0 has the pages that are always there, and own studies apart from the registry."""
    if part == 0:
        beside = own_beside(edition())
        own = [reverse("study", args=[key]) for key in beside.index.keys()] if beside else []  # noqa: SIM118 - no mapping
        return _addresses(request, [*(reverse(name) for name in FIXED), *own])
    keys = list(islice(edition().index.keys(), (part - 1) * MOST_IN_MAP, part * MOST_IN_MAP))
    if not keys:
        raise Http404
    return _addresses(request, (reverse("study", args=[key]) for key in keys))


def _addresses(request: HttpRequest, paths: Iterator[str] | list[str]) -> HttpResponse:
    root = request.build_absolute_uri("/")[:-1]
    places = "".join(f"<url><loc>{escape(root + path)}</loc></url>\n" for path in paths)
    return _xml(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{places}</urlset>\n')


def _xml(text: str) -> HttpResponse:
    return HttpResponse(f'<?xml version="1.0" encoding="utf-8"?>\n{text}', content_type="application/xml; charset=utf-8")
