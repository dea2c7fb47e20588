"""Country outlines at two scales, from Natural Earth (public domain; data/SOURCES.md). Draws nothing.

A ring is a closed line of (longitude, latitude) in degrees. Rings of a country include its islands and holes.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from io import BytesIO
from itertools import accumulate

Ring = tuple[tuple[float, float], ...]


class Scale(StrEnum):
    """How closely an outline follows the coast: 1 to 50 million, or 1 to 110 million."""

    FINE = "fine"
    COARSE = "coarse"


@dataclass(frozen=True, slots=True)
class Box:
    """A stretch of the earth in degrees, or of a drawing in pixels; no box crosses the 180th meridian."""

    left: float
    right: float
    low: float
    high: float

    def meets(self, other: Box) -> bool:
        """True where the two share a point."""
        across = self.left <= other.right and other.left <= self.right
        return across and self.low <= other.high and other.low <= self.high

    def holds(self, other: Box) -> bool:
        """True where the other lies wholly within this one."""
        across = self.left <= other.left and other.right <= self.right
        return across and self.low <= other.low and other.high <= self.high


@dataclass(frozen=True, slots=True)
class Country:
    """A country in the outlines: ISO alpha-2 code (or a name in lower case where it has none) and name."""

    code: str
    name: str
    boxes: tuple[Box, ...]


@cache
def countries(scale: Scale) -> tuple[Country, ...]:
    """Every country drawn at a scale, by code."""
    index = json.loads(_member(scale, "index.json"))
    unit = 10.0 ** -index["digits"]
    return tuple(
        Country(code, entry["name"], tuple(Box(*(edge * unit for edge in box)) for box in entry["boxes"]))
        for code, entry in sorted(index["countries"].items())
    )


@cache
def rings(scale: Scale, code: str) -> tuple[Ring, ...]:
    """The rings of one country, in the order of its boxes; unknown codes raise ``KeyError``."""
    unit = {Scale.FINE: 0.01, Scale.COARSE: 0.1}[scale]
    found = []
    for line in _member(scale, f"{code}.txt").splitlines():
        steps = [int(step) for step in line.split()]
        xs, ys = accumulate(steps[::2]), accumulate(steps[1::2])
        found.append(tuple((x * unit, y * unit) for x, y in zip(xs, ys, strict=True)))
    return tuple(found)


def _member(scale: Scale, name: str) -> str:
    return _archive(scale).read(name).decode()


@cache
def _archive(scale: Scale) -> zipfile.ZipFile:
    """The outlines of a scale, read into memory once (at most 0.3 MB)."""
    return zipfile.ZipFile(BytesIO((files("trialwright.registry") / "data" / f"outlines-{scale}.zip").read_bytes()))
