"""The registry that this door shows: the present edition of ``<home>/registry``, and the home's own records, which win.

An own record stands before the registry's of the same number. Own records that the registry does not hold are indexed by
themselves in a temporary folder, and come before what the registry finds. Never writes into the home.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from trialwright.registry.catalogue import Catalogue, Edition, key_of
from trialwright.registry.index import Bucket, City, Found, Request, StudyIndex
from trialwright.registry.record import Record
from trialwright.web.cache import Remembered
from trialwright.web.portal.catalogue import ListedStudy, studies

MOST_OWN = 10_000
Temporary = tuple[tempfile.TemporaryDirectory[str], Edition]

_alone: Remembered[Temporary] = Remembered(most=4)
_missing: Remembered[Temporary | None] = Remembered(most=4)
_digests: Remembered[str] = Remembered(most=4)


def edition() -> Edition:
    """The present edition: one ``stat`` where nothing changed. Of a home without a registry, that of its own records."""
    home: Path = settings.TRIALWRIGHT_HOME
    if (home / "registry" / "current").is_file():
        return _catalogue(home / "registry").edition()
    own = studies()
    return _alone.get(home, own, lambda: _indexed(own))[1]


def own_records() -> Mapping[str, Record]:
    """The home's own records by key (NCT number, else the organisation's); they stand before the registry's of the same key."""
    return {key: one.record for one in studies() if (key := key_of(one.record))}


def own_digest() -> str:
    """What changes whenever one of the home's own records does; the same in every process."""
    own = studies()
    return _digests.get("own", own, lambda: sha256(json.dumps([one.record.raw for one in own]).encode()).hexdigest()[:8])


def find(present: Edition, request: Request) -> Found:
    """What an edition finds, after what the home's own records hold that the edition does not.

    Hits of own records have addresses of their own; take these records from ``own_records``.

    Raises:
        RequestError: As ``StudyIndex.find``.
    """
    beside = own_beside(present)
    if beside is None:
        return present.index.find(request)
    first = beside.index.find(replace(request, offset=0, limit=MOST_OWN))
    taken = first.hits[request.offset : request.offset + request.limit]
    offset = max(0, request.offset - len(first.hits))
    rest = present.index.find(replace(request, offset=offset, limit=request.limit - len(taken)))
    total = None if rest.total is None else rest.total + (first.total or 0)
    facets = {name: _together(buckets, first.facets[name]) for name, buckets in rest.facets.items()}
    return replace(rest, hits=(*taken, *rest.hits), total=total, facets=facets)


def cities(present: Edition, request: Request, most: int) -> tuple[City, ...]:
    """The cities of the first studies that an edition finds, and of the home's own that it does not hold."""
    beside = own_beside(present)
    return (*(beside.index.cities(request, most) if beside else ()), *present.index.cities(request, most))


def counted(present: Edition, count: Callable[[StudyIndex], tuple[Bucket, ...]]) -> tuple[Bucket, ...]:
    """A list with counts over an edition and the home's own studies that it does not hold, most frequent first."""
    beside = own_beside(present)
    return _together(count(present.index), count(beside.index)) if beside else count(present.index)


def own_beside(present: Edition) -> Edition | None:
    """The home's own studies that an edition does not hold; ``None`` where there are none."""
    own = studies()
    found = _missing.get("missing", (present, own), lambda: _beside(present, own))
    return found[1] if found else None


def _together(some: tuple[Bucket, ...], others: tuple[Bucket, ...]) -> tuple[Bucket, ...]:
    counts = {bucket.value: bucket.count for bucket in some}
    for bucket in others:
        counts[bucket.value] = counts.get(bucket.value, 0) + bucket.count
    return tuple(sorted((Bucket(*one) for one in counts.items()), key=lambda bucket: -bucket.count))


def _beside(present: Edition, own: tuple[ListedStudy, ...]) -> Temporary | None:
    missing = tuple(one for one in own if (key := key_of(one.record)) and present.resolve(key) is None)
    return _indexed(missing) if missing else None


@lru_cache(maxsize=16)
def _catalogue(folder: Path) -> Catalogue:
    return Catalogue(folder)


def _indexed(own: tuple[ListedStudy, ...]) -> Temporary:
    folder = tempfile.TemporaryDirectory(prefix="trialwright-own-")
    catalogue = Catalogue(Path(folder.name) / "registry")
    on = max((one.processed_on for one in own), default=date(1970, 1, 1))
    with catalogue.revision(datetime(on.year, on.month, on.day, tzinfo=UTC), "own records") as revision:
        for one in own:
            if key_of(one.record) is not None:
                revision.put(one.record, "protocol file")
    return folder, catalogue.edition()
