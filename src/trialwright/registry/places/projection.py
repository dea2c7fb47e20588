"""From the earth to a flat drawing: the view that shows a study's sites, and country outlines cut to it.

A view of a region is equirectangular, true to scale at its middle; the world is drawn in the Equal Earth projection.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from trialwright.registry.places.outlines import Box, Scale, countries, rings

WIDTH_PX, HEIGHT_PX = 440.0, 330.0
WORLD_HEIGHT_PX = 214.0
SMALLEST_HEIGHT_DEG = 6.5  # about 720 km: enough coast and border to recognise where one is
MARGIN = 1.45  # the view's height and width over those of the sites
FINE_BELOW_DEG = 22.0  # views higher than this are drawn from the coarse outlines
WORLD_FROM_DEG = 85.0  # sites further apart than this, east to west, are shown on the world
BEYOND_EDGE_PX = 4.0  # outlines are cut this far outside the frame, so that no border is drawn along it
FINEST_STEP_PX = 0.5
FINEST_STEP_WORLD_PX = 1.0
LOWEST_WORLD_LAT = -60.0
HIGHEST_WORLD_LAT = 84.0

# Equal Earth polynomial. Source: Šavrič, Patterson & Jenny, Int J Geogr Inf Sci 2019;33:454-465, equation 4.
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class View:
    """A stretch of the earth and the size of its drawing in pixels."""

    box: Box
    width_px: float = WIDTH_PX
    height_px: float = HEIGHT_PX
    world: bool = False

    @property
    def scale(self) -> Scale:
        """The outlines that this view is drawn from."""
        return Scale.FINE if self.box.high - self.box.low < FINE_BELOW_DEG else Scale.COARSE

    def project(self, lon: float, lat: float) -> Point:
        """Pixels from the left and from the top."""
        return self.projector()(lon, lat)

    def projector(self) -> Callable[[float, float], Point]:
        """The projection as a function, its constants worked out once."""
        if self.world:
            return _world_projector(self.width_px, self.height_px)
        left, high = self.box.left, self.box.high
        across = self.width_px / (self.box.right - left)
        down = self.height_px / (high - self.box.low)
        return lambda lon, lat: ((lon - left) * across, (high - lat) * down)


def view_of(points: Sequence[Point]) -> View:
    """The view that shows every (longitude, latitude) with a margin; the world where they are far apart.

    Raises:
        ValueError: No points.
    """
    if not points:
        raise ValueError("a view needs a point")
    lons, lats = [lon for lon, _ in points], [lat for _, lat in points]
    if max(lons) - min(lons) > WORLD_FROM_DEG:
        return View(Box(-180.0, 180.0, LOWEST_WORLD_LAT, HIGHEST_WORLD_LAT), height_px=WORLD_HEIGHT_PX, world=True)
    middle_lon, middle_lat = (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2
    squeeze = max(math.cos(math.radians(middle_lat)), 0.2)
    aspect = WIDTH_PX / HEIGHT_PX
    wanted = MARGIN * max(max(lats) - min(lats), (max(lons) - min(lons)) * squeeze / aspect)
    height = min(max(SMALLEST_HEIGHT_DEG, wanted), 180.0)
    width = height * aspect / squeeze
    low = min(max(middle_lat - height / 2, -90.0), 90.0 - height)
    return View(Box(middle_lon - width / 2, middle_lon + width / 2, low, low + height))


@lru_cache(maxsize=512)
def outline_path(view: View, code: str) -> str:
    """SVG path data, in tenths of a pixel, of one country cut to the view; empty where nothing of it is in sight."""
    return "".join(_path(ring) for ring in visible_rings(view, code))


@lru_cache(maxsize=512)
def visible_rings(view: View, code: str) -> tuple[tuple[Point, ...], ...]:
    """The country's rings in pixels, cut to the frame and thinned to what can be seen."""
    edge = BEYOND_EDGE_PX
    frame = Box(-edge, view.width_px + edge, -edge, view.height_px + edge)
    country = next(one for one in countries(view.scale) if one.code == code)
    project = view.projector()
    step_px = FINEST_STEP_WORLD_PX if view.world else FINEST_STEP_PX
    found = []
    for box, ring in zip(country.boxes, rings(view.scale, code), strict=True):
        if box.meets(view.box):
            drawn = [project(lon, lat) for lon, lat in ring]
            whole = view.world or view.box.holds(box)
            thinned = _thinned(drawn if whole else cut_to(drawn, frame), step_px)
            if len(thinned) > 2:
                found.append(tuple(thinned))
    return tuple(found)


@lru_cache(maxsize=64)
def countries_in_sight(view: View) -> tuple[str, ...]:
    """Codes of the countries of which a ring's box meets the view."""
    return tuple(one.code for one in countries(view.scale) if any(box.meets(view.box) for box in one.boxes))


def _world_projector(width_px: float, height_px: float) -> Callable[[float, float], Point]:
    edge_x, _ = _equal_earth(180.0, 0.0)
    _, top = _equal_earth(0.0, HIGHEST_WORLD_LAT)
    _, bottom = _equal_earth(0.0, LOWEST_WORLD_LAT)
    factor = min(width_px / (2 * edge_x), height_px / (top - bottom))

    def project(lon: float, lat: float) -> Point:
        x, y = _equal_earth(lon, min(max(lat, LOWEST_WORLD_LAT), HIGHEST_WORLD_LAT))
        return width_px / 2 + x * factor, (top - y) * factor

    return project


def _equal_earth(lon: float, lat: float) -> Point:
    angle = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(lat)))
    square = angle * angle
    six = square * square * square
    slope = _A1 + 3 * _A2 * square + six * (7 * _A3 + 9 * _A4 * square)
    x = 2 * math.sqrt(3) * math.radians(lon) * math.cos(angle) / (3 * slope)
    return x, angle * (_A1 + _A2 * square + six * (_A3 + _A4 * square))


def cut_to(ring: Sequence[Point], frame: Box) -> list[Point]:
    """The part of a ring within the frame, edge by edge (Sutherland & Hodgman, Commun ACM 1974;17:32-42)."""
    edges = ((0, frame.left, True), (0, frame.right, False), (1, frame.low, True), (1, frame.high, False))
    left = list(ring)
    for axis, limit, keep_above in edges:
        left = _cut_at(left, axis, limit, keep_above)
    return left


def _cut_at(ring: Sequence[Point], axis: int, limit: float, keep_above: bool) -> list[Point]:
    along = [point[axis] for point in ring]
    lowest, highest = min(along, default=limit), max(along, default=limit)
    if (lowest >= limit) if keep_above else (highest < limit):
        return list(ring)
    if (highest < limit) if keep_above else (lowest >= limit):
        return []
    kept: list[Point] = []
    for at, here in enumerate(ring):
        before = ring[at - 1]
        inside, was_inside = (here[axis] >= limit) is keep_above, (before[axis] >= limit) is keep_above
        if inside is not was_inside:
            part = (limit - before[axis]) / (here[axis] - before[axis])
            kept.append((before[0] + part * (here[0] - before[0]), before[1] + part * (here[1] - before[1])))
        if inside:
            kept.append(here)
    return kept


def _thinned(ring: Sequence[Point], step_px: float) -> list[Point]:
    kept: list[Point] = []
    for x, y in ring:
        if not kept or abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= step_px:
            kept.append((x, y))
    return kept


def _path(ring: Sequence[Point]) -> str:
    """One closed ring in whole tenths of a pixel: the first point and then differences, which is half as long."""
    tenths = [(round(x * 10), round(y * 10)) for x, y in ring]
    steps = (f"{x2 - x1} {y2 - y1}" for (x1, y1), (x2, y2) in pairwise(tenths))
    return f"M{tenths[0][0]} {tenths[0][1]}l{' '.join(steps)}z".replace(" -", "-")
