"""Maps to browse by: countries in tones of how many studies they have, and cities as circles; each a link. Asks for nothing.

Every shape that leads somewhere is a link with a name, so that the keyboard reaches it and a reader hears it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from trialwright.registry.places.outlines import Box, Scale, countries
from trialwright.registry.places.projection import (
    HIGHEST_WORLD_LAT,
    LOWEST_WORLD_LAT,
    WORLD_HEIGHT_PX,
    View,
    countries_in_sight,
    outline_path,
    view_of,
)

TONES = 5
SMALLEST_RADIUS_PX, LARGEST_RADIUS_PX = 3.0, 13.0
_LOOK = 'stroke-width="5" stroke-linejoin="round" transform="scale(0.1)" fill-rule="evenodd"'


@dataclass(frozen=True, slots=True)
class Counted:
    """A place with how many studies it has.

    Args:
        name: What is said of it, number included.
        count: How many.
        href: Where it leads.
        code: A country's ISO code; empty for a city.
        lat: A city's degrees north.
        lon: A city's degrees east.
    """

    name: str
    count: int
    href: str
    code: str = ""
    lat: float = 0.0
    lon: float = 0.0


def world_svg(places: Sequence[Counted], title: str) -> str:
    """The world with each counted country as a link, the more studies the stronger its tone (by powers of the largest).

    A country that the outlines do not have is not drawn; the list beside the map has it.
    """
    view = View(Box(-180.0, 180.0, LOWEST_WORLD_LAT, HIGHEST_WORLD_LAT), height_px=WORLD_HEIGHT_PX, world=True)
    counted = {one.code: one for one in places if one.count}
    most = max((one.count for one in counted.values()), default=1)
    plain = "".join(outline_path(view, one.code) for one in countries(Scale.COARSE) if one.code not in counted)
    drawn = []
    for country in countries(Scale.COARSE):
        place = counted.get(country.code)
        path = outline_path(view, country.code) if place else ""
        if place and path:
            tone = _tone(place.count, most)
            drawn.append(_link(place, f'<path class="tw-tone-{tone}" {_LOOK} d="{path}"/>'))
    return _framed(view, title, f'<path class="tw-land" {_LOOK} d="{plain}"/>' + "".join(drawn))


def cities_svg(places: Sequence[Counted], title: str, own: str | None = None) -> str:
    """The region that holds all the places, each a circle whose area grows with its count; empty text for no place.

    The country of code ``own`` is drawn in the stronger tone.
    """
    if not places:
        return ""
    view = view_of([(one.lon, one.lat) for one in places])
    in_sight = countries_in_sight(view)
    land = "".join(outline_path(view, code) for code in in_sight if code != own)
    strong = outline_path(view, own) if own in in_sight and own else ""
    most = max(one.count for one in places)
    project = view.projector()
    circles = []
    for one in sorted(places, key=lambda each: -each.count):
        x, y = project(one.lon, one.lat)
        radius_px = (
            max(SMALLEST_RADIUS_PX, LARGEST_RADIUS_PX * math.sqrt(one.count / most)) if most > 1 else SMALLEST_RADIUS_PX + 1
        )
        circles.append(_link(one, f'<circle class="tw-city" cx="{x:.1f}" cy="{y:.1f}" r="{radius_px:.1f}"/>'))
    return _framed(
        view,
        title,
        f'<path class="tw-land" {_LOOK} d="{land}"/><path class="tw-land-own" {_LOOK} d="{strong}"/>' + "".join(circles),
    )


def _tone(count: int, most: int) -> int:
    """1 to 5 on a logarithmic scale, so that one large country does not leave all others pale."""
    if most <= 1:
        return TONES
    return 1 + min(TONES - 1, int(TONES * math.log(count + 1) / math.log(most + 1.000001)))


def _link(place: Counted, shape: str) -> str:
    name = escape(place.name, quote=True)
    return f'<a href="{escape(place.href, quote=True)}" aria-label="{name}"><title>{name}</title>{shape}</a>'


def _framed(view: View, title: str, drawn: str) -> str:
    size = f"{view.width_px:.0f} {view.height_px:.0f}"
    return (
        f'<svg class="tw-map tw-browse-map" role="group" aria-label="{escape(title, quote=True)}" viewBox="0 0 {size}" '
        f'xmlns="http://www.w3.org/2000/svg"><rect class="tw-sea" width="{view.width_px:.0f}" '
        f'height="{view.height_px:.0f}"/>{drawn}</svg>'
    )
