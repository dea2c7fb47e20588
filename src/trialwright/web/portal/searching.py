"""One page of results: what was found, as cards, with the counts beside it. The index finds; this puts together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeAlias

from trialwright.registry.catalogue import Edition
from trialwright.registry.index import Bucket, City, Found, Hit, Request
from trialwright.registry.record import Record
from trialwright.web.cache import Remembered
from trialwright.web.editions import cities, find, own_digest, own_records
from trialwright.web.portal.asking import Asked, read_address
from trialwright.web.portal.cards import Card, Listed, card_of, listed
from trialwright.web.portal.facets import FACETS, Facet, Kind, facet_of

Counts: TypeAlias = Mapping[str, tuple[Bucket, ...]]

COUNTING_THREADS = 4
_beside = ThreadPoolExecutor(COUNTING_THREADS, "counting")
_found: Remembered[Found] = Remembered(most=500)
_cities: Remembered[tuple[City, ...]] = Remembered(most=50)
_cards: Remembered[Card] = Remembered(most=4_000)
_counts: Remembered[Counts] = Remembered(most=500)


@dataclass(frozen=True, slots=True)
class Results:
    """What a page of results shows.

    Args:
        listed: The studies of this page.
        total: How many there are on all pages.
        facets: The filters with their counts.
        found: The index's own answer.
    """

    listed: tuple[Listed, ...]
    total: int
    facets: tuple[Facet, ...]
    found: Found


def results_of(edition: Edition, asked: Asked, request: Request, language: str) -> Results:
    """Search and put the page together.

    Raises:
        RequestError: The request cannot be answered; the message is for the reader.
    """
    counting = _counting(edition, asked, request)
    found = _found.get(request, (*_stamp(edition), own_digest()), lambda: find(edition, replace(request, facets=())))
    own = own_records()
    rows = tuple(
        listed(card_at(edition, hit, language, own.get(hit.key)), request.offset + at, hit)
        for at, hit in enumerate(found.hits, start=1)
    )
    facets = tuple(facet_of(kind, counts.result().get(kind.counted, ()), asked.parameters) for kind, counts in counting)
    return Results(rows, found.total or 0, facets, found)


def cities_of(edition: Edition, request: Request, most: int) -> tuple[City, ...]:
    """The cities of a request's studies, kept as its hits are."""
    return _cities.get((request, most), (*_stamp(edition), own_digest()), lambda: cities(edition, request, most))


def card_at(edition: Edition, hit: Hit, language: str, own: Record | None) -> Card:
    """The card of a hit, kept from one request to the next; the home's own record stands before the registry's."""
    if own is not None:
        return card_of(own, hit.key, own=True)
    return _cards.get((hit.address, language), _stamp(edition), lambda: card_of(edition.at(hit.address), hit.key))


def _counted(edition: Edition, request: Request, wanted: tuple[str, ...]) -> Counts:
    """The counts of a request, kept as long as the edition stands: paging and sorting change none of them."""
    plain = replace(request, facets=wanted, offset=0, limit=0, sort=(), geo_decay=None, count=False)
    return _counts.get(plain, (*_stamp(edition), own_digest()), lambda: find(edition, plain).facets)


def _counting(edition: Edition, asked: Asked, request: Request) -> tuple[tuple[Kind, Future[Counts]], ...]:
    """Each facet and its counts to come: the index counts on another core while it finds.

    A facet that has a choice is counted as if it had none, so that the other choices keep their counts.
    """
    whole = _beside.submit(_counted, edition, request, tuple(dict.fromkeys(one.counted for one in FACETS)))
    counting = []
    for kind in FACETS:
        free = read_address(kind.cleared(asked.parameters)).request if kind.chosen(asked.parameters) else None
        counting.append((kind, _beside.submit(_counted, edition, free, (kind.counted,)) if free else whole))
    return tuple(counting)


def cards_of(edition: Edition, keys: Iterable[str]) -> tuple[tuple[str, Record, Card], ...]:
    """Key, record and card of each of those studies that there is, in the order asked."""
    own = own_records()
    named = {key.casefold(): key for key in own}
    found = []
    for key in dict.fromkeys(keys):
        canonical = edition.resolve(key) or named.get(key.casefold(), key)
        record = own.get(canonical) or edition.record(canonical)
        if record is not None:
            found.append((canonical, record, card_of(record, canonical, own=canonical in own)))
    return tuple(found)


def _stamp(edition: Edition) -> tuple[str, int]:
    return str(edition.folder), edition.generation
