"""YAML 1.2 text → plain values, with the line and column of every value kept. Interprets nothing of the protocol."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path as FilePath
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from trialwright.vocabulary.findings import Finding, Place, Severity

Plain: TypeAlias = "str | int | bool | Decimal | list[Plain] | dict[str, Plain] | None"
Path: TypeAlias = tuple[str | int, ...]

LARGEST_BYTES = 500_000
MOST_PARTS = 25_000
DEEPEST = 40
FOLD = "\a"  # ruamel marks with it where a folded scalar breaks its lines; the character itself is refused in a file
_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp"))


@dataclass(frozen=True, slots=True)
class Located:
    """Where a value stands: the place of its first character, and the column at which its later lines begin.

    ``key`` is the place of the key that holds it (the same as ``value`` for list items). ``literal`` tells a block
    scalar that keeps its line breaks from folded or plain text.
    """

    key: Place
    value: Place
    indent_column: int


@dataclass(frozen=True, slots=True)
class Source:
    """A file as plain values beside the place of each, addressed by path (keys and 0-based indices)."""

    file: str
    data: dict[str, Plain]
    located: dict[Path, Located] = field(default_factory=dict)
    folded: dict[Path, str] = field(default_factory=dict)

    def written(self, path: Path, text: str) -> str:
        """Return a value's text with the line breaks that the file folds, so that positions in it are the file's."""
        return self.folded.get(path, text)

    def at(self, path: Path) -> Located:
        """Return where ``path`` stands, or the nearest parent that exists in the file."""
        for length in range(len(path), -1, -1):
            found = self.located.get(path[:length])
            if found is not None:
                return found
        top = Place(self.file, 1, 1)
        return Located(top, top, 1)

    def place(self, path: Path) -> Place:
        """Return the place of the value at ``path``."""
        return self.at(path).value


def dotted(path: Path) -> str:
    """Write a path as people do: ``eligibility.inclusion[1].when``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else (f".{step}" if text else step)
    return text


def file_content(path: FilePath) -> bytes | Finding:
    """The bytes of a file, or of one too long to be read one more than may be; what cannot be opened is a finding (TW-Y012)."""
    try:
        with path.open("rb") as opened:
            return opened.read(LARGEST_BYTES + 1)
    except OSError as error:
        return _finding("TW-Y012", Place(str(path)), "The file cannot be opened", f"{error.strerror}.", "Check the path")


def read_source(content: str | bytes, file: str) -> tuple[Source | None, tuple[Finding, ...]]:
    """Read YAML text; a file that cannot be read gives findings (TW-Y…) and no source.

    Anchors, aliases and tags are refused (one value, one place), as are duplicate keys, tabs for indentation, several
    documents, another version of YAML, more than 500 kB, and nesting deeper than 40.
    """
    start = Place(file, 1, 1)
    if len(content) > LARGEST_BYTES:
        detail = f"A protocol may have {LARGEST_BYTES:,} bytes; the file has more."
        finding = _finding("TW-Y001", start, "The file is too large to be a protocol", detail, "Give the protocol file")
        return None, (finding,)
    try:
        text = content.decode("utf-8") if isinstance(content, bytes) else content
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        detail = f"Byte {error.start} ({error.object[error.start]:#04x}) is not UTF-8."
        place = Place(file, line, 1)
        return None, (_finding("TW-Y002", place, "The file is not UTF-8 text", detail, "Save it as UTF-8"),)
    early = _unreadable_characters(text, file) or _too_deep(text, file) or _too_many(text, file)
    if early:
        return None, early
    try:
        yaml = YAML(typ="rt", pure=True)
        node = yaml.compose(text)
    except MarkedYAMLError as error:
        return None, (_yaml_finding(error, file),)
    except RecursionError:
        return None, (_deep(start),)
    except (YAMLError, ValueError) as error:
        return None, (_finding("TW-Y003", start, "The file is not YAML", str(error).split("\n")[0]),)
    builder = _Builder(file)
    data = builder.build(node, (), start, 0) if node is not None else None
    if builder.findings:
        return None, tuple(builder.findings)
    if not isinstance(data, dict):
        detail = "A protocol is a mapping that begins with `trialwright: 1`."
        return None, (_finding("TW-Y004", start, "The file holds no protocol", detail, "Start with `trialwright: 1`"),)
    return Source(file, data, builder.located, builder.folded), ()


def _finding(code: str, place: Place, title: str, detail: str = "", *ways_out: str) -> Finding:
    return Finding(code, Severity.ERROR, place, title, detail, ways_out)


def _unreadable_characters(text: str, file: str) -> tuple[Finding, ...]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith("%YAML") and line.split()[1:2] != ["1.2"]:
            detail = "Files are read as YAML 1.2; an older version reads `yes`, `010` and `1:30` as something else."
            return (_finding("TW-Y003", Place(file, number, 1), "The file asks for another YAML", detail, "Delete the line"),)
        blank = line[: len(line) - len(line.lstrip())]
        if "\t" in blank:
            place = Place(file, number, blank.index("\t") + 1)
            return (_finding("TW-Y005", place, "A tab indents this line", "YAML wants spaces.", "Replace the tab by two spaces"),)
    for offset, character in enumerate(text):
        if (character < " " and character not in "\n\r\t") or character in "\x7f\ufffe\uffff":
            at = Place(file, text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))
            detail = f"The character U+{ord(character):04X} cannot stand in YAML."
            return (_finding("TW-Y006", at, "A control character stands here", detail, "Delete it"),)
    return ()


def _deep(place: Place) -> Finding:
    detail = f"Nothing in a protocol nests deeper than {DEEPEST}."
    return _finding("TW-Y009", place, "The file nests too deep", detail, "Close the brackets", "Indent less")


def _too_deep(text: str, file: str) -> tuple[Finding, ...]:
    """Find brackets without end before they are read at length; prose never leaves so many open."""
    depth = 0
    for bracket in re.finditer(r"[\[\]{}]", text):
        depth = depth + 1 if bracket[0] in "[{" else max(0, depth - 1)
        if depth > 10 * DEEPEST:
            offset = bracket.start()
            return (_deep(Place(file, text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))),)
    return ()


def _too_many(text: str, file: str) -> tuple[Finding, ...]:
    """Count what separates keys and items: a file with very many takes minutes to read and is no protocol."""
    parts = sum(text.count(mark) for mark in (":", ",", "- "))
    if parts <= MOST_PARTS:
        return ()
    detail = f"A protocol may have {MOST_PARTS:,} keys and items; the file has about {parts:,}."
    return (_finding("TW-Y001", Place(file, 1, 1), "The file is too large to be a protocol", detail, "Give the protocol file"),)


def _yaml_finding(error: MarkedYAMLError, file: str) -> Finding:
    mark = error.problem_mark or error.context_mark
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)
    problem = (error.problem or "").strip()
    detail = f"{problem[:1].upper()}{problem[1:]}." if problem else str(error).split("\n")[0]
    ways = ("Quote text that holds `: ` or starts with `[`, `{`, `%` or `@`", "Line the keys up in one column")
    if "single document" in str(error):
        return _finding("TW-Y003", place, "The file holds more than one document", detail, "Delete the `---` line")
    return _finding("TW-Y003", place, "The file is not YAML here", detail, *ways)


class _Builder:
    """Builds plain values out of YAML nodes, noting each one's place; collects findings instead of raising."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self.located: dict[Path, Located] = {}
        self.folded: dict[Path, str] = {}
        self._seen: set[int] = set()

    def build(self, node: Node, path: Path, key: Place, parent_indent: int) -> Plain:
        place = Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1, dotted(path))
        if not self._allowed(node, path, place):
            return None
        match node:
            case ScalarNode():
                self.located[path] = self._locate_scalar(node, key, place, parent_indent)
                if FOLD in str(node.value):
                    self.folded[path] = str(node.value).replace(FOLD + " ", "\n").replace(FOLD, "")
                elif node.style is None and node.end_mark.line > node.start_mark.line:
                    self.folded[path] = "\n".join(line.strip() for line in _plain_lines(node))
                return _scalar(node)
            case SequenceNode():
                self.located[path] = Located(key, place, place.column)
                return [self.build(item, (*path, index), place, place.column - 1) for index, item in enumerate(node.value)]
            case MappingNode():
                self.located[path] = Located(key, place, place.column)
                return dict(self._pairs(node, path))
        raise AssertionError(f"unknown YAML node {type(node)}")

    def _allowed(self, node: Node, path: Path, place: Place) -> bool:
        if id(node) in self._seen or node.anchor:
            detail = "An anchor or alias hides where a value comes from."
            self.findings.append(_finding("TW-Y007", place, "Anchors and aliases are not read", detail, "Write the value out"))
            return False
        self._seen.add(id(node))
        tag = str(node.tag)
        if tag not in _TAGS:
            self.findings.append(_finding("TW-Y008", place, f"The tag {tag} is not read", "Values have no tags.", "Delete it"))
            return False
        if len(path) > DEEPEST:
            self.findings.append(_deep(place))
            return False
        return True

    def _pairs(self, node: MappingNode, path: Path) -> Iterator[tuple[str, Plain]]:
        first: dict[str, Place] = {}
        for key_node, value_node in node.value:
            place = Place(self.file, key_node.start_mark.line + 1, key_node.start_mark.column + 1, dotted(path))
            if not isinstance(key_node, ScalarNode):
                self.findings.append(_finding("TW-Y010", place, "A key must be a word", "This key is a list or a mapping."))
                continue
            name = str(key_node.value)
            if name in first:
                detail = f"`{name}` stands already on line {first[name].line}; one of the two would be lost."
                self.findings.append(_finding("TW-Y011", place, f"The key `{name}` stands twice", detail, "Delete one"))
                continue
            first[name] = place
            yield name, self.build(value_node, (*path, name), place, place.column - 1)

    def _locate_scalar(self, node: ScalarNode, key: Place, place: Place, parent_indent: int) -> Located:
        if node.style in ("|", ">"):
            text = node.start_mark.buffer if node.start_mark.buffer is not None else ""
            line, column = _first_content(text, node.start_mark.index, place.line, parent_indent)
            return Located(key, Place(self.file, line, column, place.path), column)
        offset = 1 if node.style in ("'", '"') else 0
        later = _plain_lines(node)[1:2] if node.style is None else []
        indent = len(later[0]) - len(later[0].lstrip(" ")) + 1 if later else parent_indent + 3
        return Located(key, Place(self.file, place.line, place.column + offset, place.path), indent)


def _plain_lines(node: ScalarNode) -> list[str]:
    """Return the lines of the file that an unquoted text stands on, from its first character to its last."""
    text = str(node.start_mark.buffer or "")
    return text[node.start_mark.index : node.end_mark.index].split("\n")


def _first_content(text: str, index: int, line: int, parent_indent: int) -> tuple[int, int]:
    """Find the line at which a block scalar's text begins (empty ones count) and its column, from where ``|`` stands."""
    for content in text[index:].split("\n")[1:]:
        if content.strip():
            return line + 1, len(content) - len(content.lstrip(" ")) + 1
    return line + 1, parent_indent + 3


def _scalar(node: ScalarNode) -> Plain:
    text = str(node.value).replace(FOLD, "")
    match str(node.tag).rsplit(":", 1)[-1]:
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int":
            return _integer(text)
        case "float":
            return _decimal(text)
        case _:
            return text


def _integer(text: str) -> int | str:
    try:
        return int(text.replace("_", ""))
    except ValueError:
        return text


def _decimal(text: str) -> Decimal | str:
    try:
        value = Decimal(text.replace("_", ""))
    except ArithmeticError:
        return text
    return value if value.is_finite() else text
