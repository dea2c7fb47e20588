"""One classic XML record being read: finds values and remembers what was used and what had no v2 counterpart.

Knows nothing of the v2 structure (that is ``classic_xml``).
"""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element

from trialwright.exchange.ctgov.dates import v2_date
from trialwright.exchange.ctgov.markup import block_to_markup, escape, one_line
from trialwright.exchange.ctgov.terms import DATE_KIND, Terms

_NOT_CARRIED = frozenset(
    {"required_header", "location_countries", "number_of_arms", "number_of_groups", "last_update_submitted_qc"}
)  # derivable or about the file, not the study: see docs/reference/classic-xml-to-v2.md


class Classic:
    """A classic record under a reader's finger.

    Args:
        root: The ``clinical_study`` element.
    """

    def __init__(self, root: Element) -> None:
        self.root = root
        self.strange_terms: list[tuple[str, str]] = []
        self._used: set[str] = set(_NOT_CARRIED)
        self._children: dict[str, list[Element]] = {}
        for child in root:
            if isinstance(child.tag, str):  # a comment's tag is a function
                self._children.setdefault(child.tag, []).append(child)

    def all(self, path: str) -> list[Element]:
        """The elements at a path, in order."""
        top, _, rest = path.partition("/")
        self._used.add(top)
        found = self._children.get(top, [])
        return [inner for child in found for inner in child.findall(rest)] if rest else found

    def one(self, path: str) -> Element | None:
        """The first element at a path."""
        return next(iter(self.all(path)), None)

    def text(self, path: str) -> str | None:
        """The text of the first element at a path, on one line."""
        return line_of(self.one(path))

    def texts(self, path: str) -> list[str]:
        """The texts of the elements at a path, each on one line."""
        return [text for text in map(line_of, self.all(path)) if text]

    def block(self, path: str) -> str | None:
        """The text block at a path, as v2 markup."""
        found = self.one(path)
        return (block_to_markup(found.text or "") or None) if found is not None else None

    def date(self, path: str) -> str | None:
        """The date at a path in v2 form; a text that is no date stays, and is remembered as strange."""
        return self._date(self.text(path), path)

    def date_struct(self, path: str) -> dict[str, object]:
        """The date at a path and its kind (actual or estimated)."""
        found = self.one(path)
        if found is None:
            return {}
        return {"date": self._date(line_of(found), path), "type": self.term(found.get("type"), DATE_KIND, path)}

    def term(self, text: str | None, terms: Terms, path: str) -> str | None:
        """The v2 term for a classic one; a text with no counterpart stays, and is remembered as strange."""
        if text is None:
            return None
        if text not in terms:
            self.strange_terms.append((path, text))
        return terms.get(text, text)

    def flag(self, path: str, yes: str = "Yes") -> bool | None:
        """True where the text is ``yes``, false where it is ``No``, else ``None``."""
        text = self.text(path)
        if text not in (None, yes, "No"):
            self.strange_terms.append((path, text))
        return {yes: True, "No": False}.get(text or "")

    def unused(self) -> tuple[str, ...]:
        """The names of the record's elements that nothing has read."""
        return tuple(sorted(self._children.keys() - self._used))

    def _date(self, text: str | None, path: str) -> str | None:
        if text is None:
            return None
        found = v2_date(text)
        if found is None:
            self.strange_terms.append((path, text))
        return found or text


def line_of(element: Element | None) -> str | None:
    """An element's text on one line, or ``None`` where there is none."""
    return (one_line(element.text or "") or None) if element is not None else None


def child_line(element: Element, path: str) -> str | None:
    """The text of an element's first child at a path, on one line."""
    return line_of(element.find(path))


def child_lines(element: Element, path: str) -> list[str]:
    """The texts of an element's children at a path."""
    return [text for text in map(line_of, element.findall(path)) if text]


def child_prose(element: Element, path: str) -> str | None:
    """The text of a child whose own line breaks matter, escaped as v2 markup."""
    found = element.find(path)
    text = (found.text or "").replace("\r\n", "\n").replace("\r", "\n").strip() if found is not None else ""
    return escape(text) or None


def compact(node: dict[str, object]) -> dict[str, object]:
    """A mapping without the members that state nothing (``None``, empty lists and mappings); ``False`` and 0 stay."""
    return {key: value for key, value in node.items() if value is not None and value != [] and value != {}}


def listed(elements: list[Element], read: Callable[[Element], dict[str, object]]) -> list[dict[str, object]]:
    """Each element read into a compact mapping; empty ones are passed over."""
    return [node for node in (compact(read(element)) for element in elements) if node]
