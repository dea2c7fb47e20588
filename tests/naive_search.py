"""What a search expression means, said plainly over one raw record at a time: the oracle for the index.

Slow and without cleverness: no index, no column, no identifier. Shares with the index only the cutting of text into stems.
"""

from __future__ import annotations

import math
import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from trialwright.registry.index.analysis import analyzer
from trialwright.registry.language import (
    All,
    And,
    Area,
    Coverage,
    Distance,
    Expansion,
    Kind,
    Level,
    Missing,
    Node,
    Not,
    Or,
    Range,
    Search,
    Section,
    Tilt,
    Words,
)
from trialwright.registry.structure import (
    Piece,
    PieceType,
    enum_type,
    list_sizes,
    located_values,
    pieces_of,
    structure,
    values,
)

TEXTS = (PieceType.TEXT, PieceType.MARKUP, PieceType.NCT)
MIXED = ("BasicSearch", "PatientSearch", "ConditionSearch", "InterventionSearch")
MINUTES = {"minute": 1, "hour": 60, "day": 1440, "week": 10_080, "month": 43_830, "year": 525_960}


@dataclass(frozen=True)
class Scope:
    area: str = "BasicSearch"
    size: bool = False
    level: Level = Level.RELAXATION
    kind: Kind = Kind.CONTAINS


@dataclass
class Study:
    """A record, or one of its sites, that answers what values a piece has."""

    raw: Mapping[str, Any]
    site: int | None = None
    whole: Study | None = None
    places: list[Study] | None = None
    located: dict[str, list[tuple[object, ...]]] = field(default_factory=dict)
    seen: dict[str, list[object]] = field(default_factory=dict)
    cut: dict[str, list[list[str]]] = field(default_factory=dict)

    def values(self, piece: Piece) -> list[object]:
        if piece.name not in self.seen:
            self.seen[piece.name] = list(values(self.raw, piece)) if self.site is None else list(self._at_site(piece, self.site))
        return self.seen[piece.name]

    def words(self, piece: Piece) -> list[list[str]]:
        """The stems of each value."""
        if piece.name not in self.cut:
            texts = [value for value in self.values(piece) if isinstance(value, str)]
            if piece.enum:
                texts = [one for text in texts for one in {text, label(piece.enum, text)}]
            self.cut[piece.name] = [analyzer().analyze(text) for text in texts]
        return self.cut[piece.name]

    def _at_site(self, piece: Piece, site: int) -> tuple[object, ...]:
        assert self.whole is not None
        if piece.name not in self.whole.located:
            self.whole.located[piece.name] = list(located_values(self.raw, piece))
        return self.whole.located[piece.name][site]

    def sites(self) -> list[Study]:
        if self.places is None:
            found = self.raw.get("protocolSection", {}).get("contactsLocationsModule", {}).get("locations", [])
            self.places = [Study(self.raw, number, self) for number in range(len(found))]
        return self.places


def label(enum: str, value: str) -> str:
    return next((each.legacy for each in enum_type(enum).values if each.value == value), value)


def holds(study: Study, node: Node, scope: Scope) -> bool:
    """Whether a study (or a site) satisfies an expression."""
    match node:
        case And(parts):
            return all(holds(study, part, scope) for part in parts)
        case Or(parts):
            return any(holds(study, part, scope) for part in parts)
        case Not(part):
            return not holds(study, part, scope)
        case Area(name, size, part):
            return holds(study, part, replace(scope, area=name, size=size))
        case Expansion(level, part):
            return holds(study, part, replace(scope, level=level))
        case Coverage(kind, part):
            return holds(study, part, replace(scope, kind=kind))
        case Tilt(_, part):
            return holds(study, part, scope)
        case Search(Section.LOCATION, part) if study.site is None:
            area = scope.area if scope.area.startswith("Location") else "LocationSearch"
            return any(holds(site, part, replace(scope, area=area)) for site in study.sites())
        case Search(_, part):
            return holds(study, part, scope)
        case All():
            return True
        case Missing():
            return not any(study.values(piece) for piece in pieces(scope.area))
        case Distance():
            points = study.values(structure().pieces["LocationGeoPoint"])
            return any(distance_km(node, point) <= node.radius_km for point in points if isinstance(point, Mapping))
        case Range(low, high):
            return in_range(study, low, high, scope)
        case Words():
            return has_size(study, int(node.text), scope) if scope.size else has_words(study, node, scope)


def pieces(area: str) -> list[Piece]:
    return [structure().pieces[name] for name in pieces_of(area) or ()]


def has_words(study: Study, node: Words, scope: Scope) -> bool:
    those = pieces(scope.area)
    if study.site is not None:
        those = [piece for piece in those if piece.name.startswith("Location")]
    mixed = scope.area in MIXED and study.site is None
    texts = [piece for piece in those if piece.type in TEXTS or (mixed and piece.enum and scope.kind is Kind.CONTAINS)]
    typed = [] if mixed else [piece for piece in those if piece not in texts]
    words = analyzer().analyze(node.text)
    bodies = [body for piece in texts for body in study.words(piece)]
    return bool(words and text_matches(bodies, words, node, scope)) or any(
        typed_matches(study, piece, node.text) for piece in typed
    )


def text_matches(bodies: list[list[str]], words: list[str], node: Words, scope: Scope) -> bool:
    if scope.kind is Kind.CONTAINS and not node.quoted and scope.level in (Level.RELAXATION, Level.LOSSY):
        among = {word for body in bodies for word in body}
        return all(word in among for word in words) if scope.level is Level.RELAXATION else any(word in among for word in words)
    return any(stands(body, words, scope.kind) for body in bodies)


def stands(body: list[str], words: list[str], kind: Kind) -> bool:
    match kind:
        case Kind.FULL_MATCH:
            return body == words
        case Kind.STARTS_WITH:
            return body[: len(words)] == words
        case Kind.ENDS_WITH:
            return body[-len(words) :] == words
        case Kind.CONTAINS:
            return any(body[at : at + len(words)] == words for at in range(len(body) - len(words) + 1))


def typed_matches(study: Study, piece: Piece, text: str) -> bool:
    found = study.values(piece)
    if piece.enum:
        known = enum_type(piece.enum)
        value = known.value_of(text)
        if value is not None:
            return value in found
        if study.site is not None:
            return False
        words = set(analyzer().analyze(text))
        spelled = {
            each.value: set(analyzer().analyze(each.legacy)) | set(analyzer().analyze(each.value.replace("_", " ")))
            for each in known.values
        }
        return bool(words) and any(words <= spelled.get(str(one), set()) for one in found)
    if piece.type is PieceType.BOOLEAN:
        return (text.lower() in ("true", "yes", "y", "1") and True in found) or (
            text.lower() in ("false", "no", "n", "0") and False in found
        )
    if piece.type is PieceType.GEO_POINT:
        return False
    low, high = bounds(text, piece.type)
    return low is not None and any(low <= number <= high for number in numbers(study, piece))


def has_size(study: Study, size: int, scope: Scope) -> bool:
    sizes = [one for piece in [scope.area] for one in list_sizes(study.raw, piece)]
    return size in sizes if size else not any(study.values(piece) for piece in pieces(scope.area))


def in_range(study: Study, low: str | None, high: str | None, scope: Scope) -> bool:
    if scope.size:
        return any(
            (low is None or int(low) <= size) and (high is None or size <= int(high))
            for size in list_sizes(study.raw, scope.area)
        )
    for piece in pieces(scope.area):
        least = -math.inf if low is None else bounds(low, piece.type)[0]
        most = math.inf if high is None else bounds(high, piece.type)[1]
        if any(least <= number <= most for number in numbers(study, piece)):
            return True
    return False


def numbers(study: Study, piece: Piece) -> list[float]:
    found = []
    for value in study.values(piece):
        low, _ = (value, value) if isinstance(value, int | float) else bounds(str(value), piece.type)
        if low is not None:
            found.append(low)
    return found


def bounds(text: str, kind: PieceType) -> tuple[Any, Any]:
    """The lowest and highest number that a date, an age or a number means; (None, None) for none of them."""
    if kind in (PieceType.DATE, PieceType.PARTIAL_DATE):
        return day_bounds(text)
    if kind is PieceType.AGE:
        found = re.fullmatch(r"(-?[\d.]+)\s*([a-zA-Z]*?)s?", text.strip())
        if not found or (found[2] and found[2].lower() not in MINUTES):
            return None, None
        minutes = round(float(found[1]) * MINUTES[found[2].lower() or "year"])
        return minutes, minutes
    try:
        return float(text), float(text)
    except ValueError:
        return None, None


def day_bounds(text: str) -> tuple[Any, Any]:
    found = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(T.*)?", text)
    if not found:
        return None, None
    year, month, day = int(found[1]), found[2], found[3]
    first = date(year, int(month or 1), int(day or 1))
    last = first if day else date(year, int(month or 12), monthrange(year, int(month or 12))[1])
    return first.toordinal(), last.toordinal()


def distance_km(node: Distance, point: Mapping[str, float]) -> float:
    """The spherical law of cosines by vectors, which is not the formula of the index."""
    one, two = (unit(lat, lon) for lat, lon in ((node.lat, node.lon), (point["lat"], point["lon"])))
    cross = math.sqrt(sum((one[(i + 1) % 3] * two[(i + 2) % 3] - one[(i + 2) % 3] * two[(i + 1) % 3]) ** 2 for i in range(3)))
    return 6371.0088 * math.atan2(cross, sum(a * b for a, b in zip(one, two, strict=True)))


def unit(lat: float, lon: float) -> Sequence[float]:
    a, b = math.radians(lat), math.radians(lon)
    return math.cos(a) * math.cos(b), math.cos(a) * math.sin(b), math.sin(a)
