"""The registry that this door shows: the present edition of ``<home>/registry``, and the home's own records, which win.

Where the home has no registry yet, its own records alone are the registry: they are indexed in a temporary folder, so
that every page and address works. Never writes into the home.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from trialwright.registry.catalogue import Catalogue, Edition
from trialwright.registry.record import Record
from trialwright.web.cache import Remembered
from trialwright.web.portal.catalogue import ListedStudy, studies

_alone: Remembered[tuple[tempfile.TemporaryDirectory[str], Edition]] = Remembered(most=4)


def edition() -> Edition:
    """The present edition: one ``stat`` where nothing changed. Of a home without a registry, that of its own records."""
    home: Path = settings.TRIALWRIGHT_HOME
    if (home / "registry" / "current").is_file():
        return _catalogue(home / "registry").edition()
    own = {one.record.nct_id or one.id: one for one in studies()}
    stamp = tuple((key, id(one.record), one.processed_on) for key, one in sorted(own.items()))
    return _alone.get(home, stamp, lambda: _indexed(own))[1]


def own_records() -> Mapping[str, Record]:
    """The home's own records by NCT number; they stand before the registry's of the same number."""
    return {nct: one.record for one in studies() if (nct := one.record.nct_id)}


@lru_cache(maxsize=16)
def _catalogue(folder: Path) -> Catalogue:
    return Catalogue(folder)


def _indexed(own: Mapping[str, ListedStudy]) -> tuple[tempfile.TemporaryDirectory[str], Edition]:
    folder = tempfile.TemporaryDirectory(prefix="trialwright-own-")
    catalogue = Catalogue(Path(folder.name) / "registry")
    on = max((one.processed_on for one in own.values()), default=date(1970, 1, 1))
    with catalogue.revision(datetime(on.year, on.month, on.day, tzinfo=UTC), "own records") as revision:
        for one in own.values():
            revision.put(one.record, "protocol file")
    return folder, catalogue.edition()
