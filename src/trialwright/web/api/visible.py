"""What of a catalogue the public interface may show: studies that bear a number of the registry. Never searches words."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from trialwright.registry.catalogue import Edition
from trialwright.registry.index import Request
from trialwright.registry.language import Node, parse_expression
from trialwright.web.cache import Remembered
from trialwright.web.portal.catalogue import studies

_unnumbered: Remembered[int] = Remembered(most=1)


@lru_cache(maxsize=1)
def _numbered() -> Node:
    return parse_expression("NOT AREA[NCTId]MISSING")


def unnumbered(edition: Edition) -> int:
    """How many studies of an edition have no number of the registry (a group's own, not registered yet)."""
    return _unnumbered.get("unnumbered", edition, lambda: _count(edition))


def _count(edition: Edition) -> int:
    without = Request(filters=(parse_expression("AREA[NCTId]MISSING"),), limit=0, count=True)
    return edition.index.find(without).total or 0


def visible(edition: Edition, request: Request) -> Request:
    """The request, confined to studies that have a number; unchanged where all have one."""
    if not unnumbered(edition) and all(one.record.nct_id for one in studies()):
        return request
    return replace(request, filters=(*request.filters, _numbered()))
