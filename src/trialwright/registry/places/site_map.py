"""The small map of a study's sites, as SVG that asks for nothing outside itself.

Every colour is a presentation attribute and every shape has a class, so that a style sheet may restyle the map. Dots
carry the numbers of the site list; a dot that had to move aside is tied to its place by a line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from trialwright.registry.places.layout import Dot, beside, first_free, spread
from trialwright.registry.places.outlines import Box, countries
from trialwright.registry.places.projection import (
    Point,
    View,
    countries_in_sight,
    outline_path,
    view_of,
    visible_rings,
)

MOST_NUMBERED = 40
MOST_NAMED = 12
DOT_PX = 10.5
SMALL_DOT_PX = 3.2
LETTER_PX = 7.0  # mean width of a letter at the font size of a name
DIGIT_PX = 3.9  # half the width of a digit in a dot
MOVED_PX = 4.0
FARTHEST_MOVE_PX = 36.0
SMALLEST_NAMED_COUNTRY_PX2 = 1600.0
KM_PER_DEGREE = 111.2


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the map.

    Args:
        label: The numbers of the sites there as the list shows them, such as ``3`` or ``4–6``.
        name: The city, shown beside the dot where there is room.
        country: ISO alpha-2 code, or empty where unknown; its country is drawn in the stronger tone.
        lat: Degrees north.
        lon: Degrees east.
    """

    label: str
    name: str
    country: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class MapWords:
    """The words of the map: its title and description for those who do not see it, and a prefix for element ids."""

    title: str
    description: str
    id_prefix: str = "site-map"


def map_svg(spots: Sequence[Spot], words: MapWords) -> str:
    """Draw the map of the spots: the region that holds them, or the world where they are far apart.

    Up to 40 spots are numbered, unless numbers would have to stand far from their places; more are drawn as small
    dots. Empty text where there is no spot.
    """
    if not spots:
        return ""
    view = view_of([(spot.lon, spot.lat) for spot in spots])
    dots = _dots(tuple(spots), view)
    anchors = _anchors(spots, view)
    if dots:
        marks, taken = _numbered(spots, dots, view)
    else:
        marks, taken = _small_dots(anchors), [_around(point) for point in anchors]
    title_id, description_id = f"{words.id_prefix}-title", f"{words.id_prefix}-desc"
    parts = (
        f'<svg class="tw-map" role="img" aria-labelledby="{title_id} {description_id}" '
        f'viewBox="0 0 {view.width_px:.0f} {view.height_px:.0f}" xmlns="http://www.w3.org/2000/svg">',
        f'<title id="{title_id}">{escape(words.title)}</title>',
        f'<desc id="{description_id}">{escape(words.description)}</desc>',
        f'<rect class="tw-sea" width="{view.width_px:.0f}" height="{view.height_px:.0f}" fill="#e3ecf2"/>',
        _land(view, {spot.country for spot in spots}),
        "" if view.world else _country_names(view, taken) + _scale_bar(view),
        marks,
        "</svg>",
    )
    return "".join(parts)


def is_numbered(spots: Sequence[Spot]) -> bool:
    """True where ``map_svg`` numbers these spots."""
    return bool(spots) and bool(_dots(tuple(spots), view_of([(spot.lon, spot.lat) for spot in spots])))


def _anchors(spots: Sequence[Spot], view: View) -> list[Point]:
    project = view.projector()
    return [project(spot.lon, spot.lat) for spot in spots]


@lru_cache(maxsize=16)
def _dots(spots: tuple[Spot, ...], view: View) -> list[Dot]:
    """The numbered dots, moved apart; none where they are too many or too crowded to be read."""
    if len(spots) > MOST_NUMBERED:
        return []
    anchors = _anchors(spots, view)
    wanted = [Dot(x, y, max(DOT_PX, 4 + DIGIT_PX * len(spot.label)), DOT_PX) for spot, (x, y) in zip(spots, anchors, strict=True)]
    dots = spread(wanted, _frame(view))
    farthest = max(math.dist((dot.x, dot.y), anchor) for dot, anchor in zip(dots, anchors, strict=True))
    return dots if farthest <= FARTHEST_MOVE_PX else []


def _frame(view: View) -> Box:
    return Box(2.0, view.width_px - 2, 2.0, view.height_px - 2)


def _land(view: View, with_sites: set[str]) -> str:
    in_sight = countries_in_sight(view)
    others = "".join(outline_path(view, code) for code in in_sight if code not in with_sites)
    own = "".join(outline_path(view, code) for code in in_sight if code in with_sites)
    look = 'fill-rule="evenodd" stroke="#ffffff" stroke-width="8" stroke-linejoin="round" transform="scale(0.1)"'
    return (
        f'<path class="tw-land" fill="#f4f3ee" {look} d="{others}"/><path class="tw-land-own" fill="#d9e2d3" {look} d="{own}"/>'
    )


def _small_dots(anchors: Sequence[Point]) -> str:
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{SMALL_DOT_PX}"/>' for x, y in anchors)
    return f'<g class="tw-small-dots" fill="#0b5563" stroke="#ffffff" stroke-width="0.7">{dots}</g>'


def _numbered(spots: Sequence[Spot], dots: Sequence[Dot], view: View) -> tuple[str, list[Box]]:
    """The numbered dots with their leader lines and names, and the areas that they cover."""
    taken = [dot.box for dot in dots]
    lines, marks, names = [], [], []
    for spot, dot, anchor in zip(spots, dots, _anchors(spots, view), strict=True):
        if math.dist((dot.x, dot.y), anchor) > MOVED_PX:
            lines.append(_leader(dot, anchor))
        marks.append(_mark(spot.label, dot))
        half_width_px = len(spot.name) * LETTER_PX / 2
        beside_it = beside(dot, half_width_px, 7.5) if len(spots) <= MOST_NAMED else ()
        place = first_free(beside_it, taken, _frame(view))
        if place is not None:
            taken.append(place.box)
            names.append(f'<text x="{place.x:.1f}" y="{place.y + 4.2:.1f}">{escape(spot.name)}</text>')
    drawn = (
        f'<g class="tw-leaders" stroke="#0b5563" stroke-width="1" fill="#0b5563">{"".join(lines)}</g>'
        f'<g class="tw-dots" fill="#0b5563" stroke="#ffffff" stroke-width="1.2">{"".join(marks)}</g>'
        '<g class="tw-names" fill="#15323a" font-size="13" font-family="system-ui, sans-serif" text-anchor="middle" '
        f'stroke="#ffffff" stroke-width="2.5" paint-order="stroke">{"".join(names)}</g>'
    )
    return drawn, taken


def _leader(dot: Dot, anchor: Point) -> str:
    x, y = anchor
    return (
        f'<line x1="{dot.x:.1f}" y1="{dot.y:.1f}" x2="{x:.1f}" y2="{y:.1f}"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" stroke="none"/>'
    )


def _mark(label: str, dot: Dot) -> str:
    return (
        f'<rect x="{dot.box.left:.1f}" y="{dot.box.low:.1f}" width="{2 * dot.half_width_px:.1f}" '
        f'height="{2 * dot.half_height_px:.1f}" rx="{DOT_PX}"/>'
        f'<text x="{dot.x:.1f}" y="{dot.y + 4.4:.1f}" fill="#ffffff" stroke="none" font-size="12.5" font-weight="700" '
        f'font-family="system-ui, sans-serif" text-anchor="middle">{escape(label)}</text>'
    )


def _country_names(view: View, taken: Sequence[Box]) -> str:
    """Names of the countries in sight that are large enough, where they cover no dot."""
    frame = Box(4.0, view.width_px - 4, 4.0, view.height_px - 26)
    names, covered = [], list(taken)
    named = {one.code: one.name for one in countries(view.scale)}
    for code in countries_in_sight(view):
        found = [(_area_px2(ring), ring) for ring in visible_rings(view, code)]
        if not found:
            continue
        area_px2, ring = max(found, key=lambda one: one[0])
        half_width_px = len(named[code]) * 4.3
        if area_px2 < SMALLEST_NAMED_COUNTRY_PX2 or len(named[code]) > 16:
            continue
        x, y = _middle(ring)
        tries = [Dot(x, y + dy, half_width_px, 6.0) for dy in (0, 16, -16, 32, -32)]
        spot = first_free(tries, covered, frame)
        if spot is not None:
            covered.append(spot.box)
            names.append(f'<text x="{spot.x:.1f}" y="{spot.y + 3.5:.1f}">{escape(named[code])}</text>')
    return (
        '<g class="tw-countries" fill="#56646a" font-size="11.5" letter-spacing="0.8" text-anchor="middle" '
        f'font-family="system-ui, sans-serif">{"".join(names)}</g>'
    )


def _scale_bar(view: View) -> str:
    px_per_km = view.height_px / ((view.box.high - view.box.low) * KM_PER_DEGREE)
    length_km = max(step for step in (10, 20, 50, 100, 200, 500, 1000, 2000) if step * px_per_km <= 90 or step == 10)
    x, y = 12.0, view.height_px - 11
    end = x + length_km * px_per_km
    return (
        f'<g class="tw-scale" stroke="#56646a" fill="none"><path d="M{x} {y - 4}V{y}H{end:.1f}V{y - 4}"/>'
        f'<text x="{(x + end) / 2:.1f}" y="{y - 5}" fill="#56646a" stroke="none" font-size="11" text-anchor="middle" '
        f'font-family="system-ui, sans-serif">{length_km:,} km</text></g>'
    )


def _around(point: Point) -> Box:
    x, y = point
    return Dot(x, y, SMALL_DOT_PX, SMALL_DOT_PX).box


def _area_px2(ring: Sequence[Point]) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in _edges(ring))) / 2


def _middle(ring: Sequence[Point]) -> Point:
    """The centroid of a ring's area."""
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in _edges(ring))
    x = sum((a[0] + b[0]) * (a[0] * b[1] - b[0] * a[1]) for a, b in _edges(ring))
    y = sum((a[1] + b[1]) * (a[0] * b[1] - b[0] * a[1]) for a, b in _edges(ring))
    return x / (3 * twice), y / (3 * twice)


def _edges(ring: Sequence[Point]) -> zip[tuple[Point, Point]]:
    return zip(ring, [*ring[1:], ring[0]], strict=True)
