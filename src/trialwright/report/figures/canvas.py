"""A small SVG canvas: shapes, text and patterns in one deterministic string that browsers and the PDF draw alike.

Text stays text (selectable, searchable) in a face with Helvetica's widths, which every reader has. It never emits a
script, a style sheet, an outside reference or an unescaped word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from trialwright.report.figures.palette import INK, PAPER, Hatch
from trialwright.report.figures.type_widths import width_of

FACE = "Arimo, Arial, Helvetica, 'Liberation Sans', sans-serif"
STAMP_GROUND, STAMP_INK = "#f1f1f1", "#9a3a00"
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished figure: its SVG and what it shows in words."""

    svg: str
    alt: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What every figure is told.

    Args:
        id: Unique in the page it stands in; prefixes every id inside the figure.
        title: What the figure is, for the accessible name.
        watermark: A word across the figure, such as ``SIMULATED``; empty for none.
        width: In px, at least 320; a report's full width is 680.
    """

    id: str
    title: str
    watermark: str = ""
    width: float = 680


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in px, origin at the top left."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """x of the right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """y of the bottom edge."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Paint:
    """Fill and stroke; ``none`` leaves either out; ``dash`` is an SVG dash list."""

    fill: str = "none"
    stroke: str = "none"
    width: float = 1.0
    dash: str = ""
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Type:
    """How words stand: size in px, anchor ``start``/``middle``/``end``, turned by ``angle`` degrees, ``halo`` over lines."""

    size: float = 11
    anchor: str = "start"
    bold: bool = False
    colour: str = INK
    angle: float = 0
    halo: bool = False


class Canvas:
    """Collects shapes in drawing order; :meth:`finish` closes it into a :class:`Drawing`."""

    __slots__ = ("_frame", "_hatches", "_linked", "_parts", "height", "width")

    def __init__(self, frame: Frame, height: float) -> None:
        self.width, self.height = frame.width, height
        self._frame = frame
        self._parts: list[str] = []
        self._linked = False
        self._hatches: dict[str, str] = {}
        if frame.watermark:
            self._stamp(frame.watermark)

    def rect(self, box: Box, paint: Paint, radius: float = 0) -> None:
        """Draw a rectangle."""
        corner = f' rx="{number(radius)}"' if radius else ""
        self._parts.append(
            f'<rect x="{number(box.x)}" y="{number(box.y)}" width="{number(box.width)}" height="{number(box.height)}"'
            f"{corner}{_painted(paint)}/>"
        )

    def line(self, start: Point, end: Point, paint: Paint) -> None:
        """Draw a straight line."""
        (x1, y1), (x2, y2) = start, end
        self._parts.append(f'<line x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"{_painted(paint)}/>')

    def path(self, points: Sequence[Point], paint: Paint, closed: bool = False) -> None:
        """Draw a line through points, or the shape they bound."""
        if points:
            steps = " ".join(f"{number(x)},{number(y)}" for x, y in points)
            self._parts.append(f'<{"polygon" if closed else "polyline"} points="{steps}"{_painted(paint)}/>')

    def circle(self, centre: Point, radius: float, paint: Paint) -> None:
        """Draw a circle."""
        x, y = centre
        self._parts.append(f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"{_painted(paint)}/>')

    def text(self, at: Point, words: str, face: Type = Type()) -> None:
        """Write one line of words with its base line at ``at``."""
        x, y = at
        extra = f' text-anchor="{face.anchor}"' if face.anchor != "start" else ""
        extra += ' font-weight="bold"' if face.bold else ""
        extra += f' stroke="{PAPER}" stroke-width="3" paint-order="stroke" stroke-linejoin="round"' if face.halo else ""
        extra += f' transform="rotate({number(face.angle)} {number(x)} {number(y)})"' if face.angle else ""
        self._parts.append(
            f'<text x="{number(x)}" y="{number(y)}" font-size="{number(face.size)}" fill="{face.colour}"{extra}>'
            f"{escape(words)}</text>"
        )

    @contextmanager
    def tip(self, words: str, href: str = "") -> Iterator[None]:
        """Group what is drawn inside under a tooltip, and a link where ``href`` (within the page) is given."""
        link = bool(href)
        self._linked |= link
        self._parts.append(f"<a href={quoteattr(href)}>" if link else "<g>")
        if words:
            self._parts.append(f"<title>{escape(words)}</title>")
        yield
        self._parts.append("</a>" if link else "</g>")

    def hatch(self, hatch: Hatch, ink: str, ground: str) -> str:
        """A fill of ``hatch`` lines in ``ink`` on ``ground``; defined once however often asked for."""
        name = f"{self._frame.id}-hatch-{hatch.value}-{ink.strip('#')}-{ground.strip('#')}"
        lines = {
            Hatch.RISING: '<path d="M-1 1L1 -1M0 6L6 0M5 7L7 5"',
            Hatch.FALLING: '<path d="M-1 5L1 7M0 0L6 6M5 -1L7 1"',
            Hatch.DOTS: '<path d="M2.4 3h1.2M-.6 0h1.2M5.4 6h1.2M5.4 0h1.2M-.6 6h1.2"',
        }[hatch]
        self._hatches[name] = (
            f'<pattern id="{name}" width="6" height="6" patternUnits="userSpaceOnUse">'
            f'<rect width="6" height="6" fill="{ground}"/>{lines} stroke="{ink}" stroke-width="1.3" fill="none"/></pattern>'
        )
        return f"url(#{name})"

    def finish(self, alt: str) -> Drawing:
        """Close the drawing; ``alt`` is its description in words."""
        name = self._frame.id
        role = "group" if self._linked else "img"  # an image's children, and so its links, are hidden from a screen reader
        patterns = "".join(self._hatches[key] for key in sorted(self._hatches))
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(self.width)} {number(self.height)}" '
            f'width="{number(self.width)}" height="{number(self.height)}" role="{role}" '
            f'aria-labelledby="{name}-title {name}-desc" font-family="{FACE}">'
            f'<title id="{name}-title">{escape(self._frame.title)}</title><desc id="{name}-desc">{escape(alt)}</desc>'
        )
        defs = f"<defs>{patterns}</defs>" if patterns else ""
        if self._frame.watermark:
            self.text((self.width - 4, self.height - 4), self._frame.watermark, Type(8.5, "end", True, STAMP_INK))
        ground = f'<rect width="{number(self.width)}" height="{number(self.height)}" fill="{PAPER}"/>'
        return Drawing(head + defs + ground + "".join(self._parts) + "</svg>", alt)

    def _stamp(self, word: str) -> None:
        size = min(self.width / (0.75 * len(word)), self.height * 0.5, 96)
        middle = (self.width / 2, self.height / 2 + size * 0.35)
        self.text(middle, word, Type(size, "middle", True, STAMP_GROUND, -14))


def fit(words: str, width: float, size: float) -> str:
    """The words, cut with an ellipsis where they are wider than ``width`` px at ``size`` px."""
    if width_of(words, size) <= width:
        return words
    while words and width_of(words + "…", size) > width:
        words = words[:-1]
    return words.rstrip() + "…"


def wrap(words: str, width: float, size: float) -> list[str]:
    """The words in lines no wider than ``width`` px at ``size`` px (a longer single word stands alone)."""
    lines: list[str] = []
    for word in words.split(" "):
        if lines and width_of(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


def number(value: float) -> str:
    """A coordinate with at most two decimals, the same on every machine."""
    text = f"{float(value):.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _painted(paint: Paint) -> str:
    out = f' fill="{paint.fill}"'
    if paint.stroke != "none":
        out += f' stroke="{paint.stroke}" stroke-width="{number(paint.width)}"'
    if paint.dash:
        out += f' stroke-dasharray="{paint.dash}"'
    if paint.opacity < 1:
        out += f' opacity="{number(paint.opacity)}"'
    return out
