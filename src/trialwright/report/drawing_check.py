"""What a drawing may contain before it goes into a page: shapes and words, nothing that runs or fetches.

Our own canvas emits nothing else; the check stands between any drawing and a reader, so that a mistake is loud.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree

NAMESPACE = "{http://www.w3.org/2000/svg}"
ELEMENTS = frozenset(
    {
        "svg",
        "g",
        "a",
        "title",
        "desc",
        "defs",
        "pattern",
        "clipPath",
        "rect",
        "line",
        "polyline",
        "polygon",
        "path",
        "circle",
        "ellipse",
        "text",
        "tspan",
    }
)
FORBIDDEN_VALUES = ("javascript:", "data:", "http:", "https:", "//", "expression(", "@import")


def check_drawing(svg: str) -> str:
    """Return the drawing unchanged.

    Raises:
        ValueError: It is not well-formed SVG with a title, or holds an element, an event attribute or an address that a
            drawing has no use for.
    """
    try:
        root: Element = ElementTree.fromstring(svg)
    except ParseError as mistake:
        raise ValueError(f"the drawing is not well-formed: {mistake}") from None
    if root.tag != f"{NAMESPACE}svg" or root.find(f"{NAMESPACE}title") is None:
        raise ValueError("a drawing is one svg element with a title")
    for element in root.iter():
        name = element.tag.removeprefix(NAMESPACE)
        if name not in ELEMENTS:
            raise ValueError(f"a drawing may not hold <{name}>")
        for key, value in element.attrib.items():
            inward = key == "href" and not value.startswith("#")
            if key.lower().startswith("on") or inward or any(bad in value.lower() for bad in FORBIDDEN_VALUES):
                raise ValueError(f"a drawing may not hold {key}={value!r}")
    return svg
