"""What is asked of the index and what it answers. Only values; never searches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from trialwright.registry.address import Address
from trialwright.registry.language import Node

RELEVANCE, DISTANCE = "@relevance", "@distance"


class RequestError(ValueError):
    """A request that cannot be answered; the message is for the person who asked."""


class SortKey(NamedTuple):
    """One key of an order.

    Args:
        name: ``@relevance``, ``@distance`` (from ``Request.near``) or a piece that holds one date, number or age.
        descending: Whether high values come first. Studies without a value always come last.
    """

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """A circle on the earth.

    Args:
        lat: Degrees north.
        lon: Degrees east.
        radius_km: Only studies with a site within it; ``None`` keeps all and only measures the distance.
    """

    lat: float
    lon: float
    radius_km: float | None = None


@dataclass(frozen=True, slots=True)
class Decay:
    """How the score falls with the distance of the nearest site; applies to the best ``reranked`` studies.

    Args:
        function: ``exp``, ``gauss`` or ``linear``.
        scale_km: At this distance (after the offset) the score is multiplied by ``decay``.
        offset_km: Up to here it does not fall.
        decay: Between 0 and 1, exclusive.
    """

    function: Literal["exp", "gauss", "linear"] = "exp"
    scale_km: float = 482.8032
    offset_km: float = 0.0
    decay: float = 0.5


@dataclass(frozen=True, slots=True)
class Profile:
    """A person, as far as a record's structured bounds can tell who may take part.

    Args:
        age_years: Age; whole years mean completed years.
        sex: ``FEMALE`` or ``MALE``.
        healthy: True keeps only studies that accept healthy volunteers; False and None ask nothing.
    """

    age_years: float | None = None
    sex: Literal["FEMALE", "MALE"] | None = None
    healthy: bool | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One search. Everything given must hold at once.

    Args:
        queries: Pairs of search area (or piece) and expression; they decide the relevance.
        filters: Expressions that only choose; words outside ``AREA[…]`` mean ``BasicSearch``.
        keys: Only these studies.
        near: A circle; adds distance and nearest site to the hits.
        geo_decay: With ``near``: let the score fall with distance.
        profile: Only studies that this person could join by age, sex and health.
        synonyms: Whether words are expanded by the vocabularies.
        sort: At most two keys; empty means by relevance where something is ranked, else in the index's own order.
        offset: Hits passed over, from 0.
        limit: Hits given, from 0.
        facets: Names of facets (``facets.FACETS``) or of enumerated pieces to count.
        count: Whether to count all that match.
        note: A patient's note in plain words: finds studies that have any of what it names, the more the better.
    """

    queries: tuple[tuple[str, Node], ...] = ()
    filters: tuple[Node, ...] = ()
    keys: tuple[str, ...] | None = None
    near: Near | None = None
    geo_decay: Decay | None = None
    profile: Profile | None = None
    synonyms: bool = True
    sort: tuple[tuple[str, bool], ...] = ()
    offset: int = 0
    limit: int = 10
    facets: tuple[str, ...] = ()
    count: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """Where a study takes place, as its record says it.

    Args:
        distance_km: From the point asked about.
    """

    city: str
    state: str
    country: str
    status: str
    lat: float
    lon: float
    distance_km: float


@dataclass(frozen=True, slots=True)
class City:
    """A point on the map, the city of a site there, and how many of some studies take place there."""

    city: str
    country: str
    lat: float
    lon: float
    studies: int


@dataclass(frozen=True, slots=True)
class Hit:
    """One study found.

    Args:
        key: Its NCT number, or the key it was added under.
        address: Where its record's text stands.
        score: Its relevance; 0 where the order is another.
        nearest: The nearest site that has coordinates, where the request says near what.
    """

    key: str
    address: Address
    score: float = 0.0
    nearest: Site | None = None

    @property
    def distance_km(self) -> float | None:
        """Distance of the nearest site."""
        return self.nearest.distance_km if self.nearest else None


@dataclass(frozen=True, slots=True)
class Bucket:
    """A value and how many studies have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Expanded:
    """Words of a query and the other names that were searched beside them."""

    words: str
    preferred: str
    variants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a request.

    Args:
        hits: In order.
        total: How many studies match; ``None`` where the request did not ask.
        facets: The counts asked for, most frequent first.
        expanded: Which words were expanded, and by what.
        stems: The word stems that matter for highlighting (``highlighting.ranges``).
    """

    hits: tuple[Hit, ...]
    total: int | None
    facets: Mapping[str, tuple[Bucket, ...]] = field(default_factory=dict)
    expanded: tuple[Expanded, ...] = ()
    stems: frozenset[str] = frozenset()
