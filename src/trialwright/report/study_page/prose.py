"""The registry's light markup as blocks: paragraphs and lists. Changes no word; renders nothing.

The registry writes lists with ``* ``, ``- `` or ``1. `` at the start of a line, indented where they are nested, and puts
a backslash before characters that its markup would take for its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!<>~|^&=$%@:;,/?'\"])")
_ITEM = re.compile(r"^(?P<indent>\s*)(?:[*•‣·▪●○◦–-]|(?P<number>\d{1,3})[.)])\s+(?P<text>\S.*)$")


@dataclass(slots=True)
class Item:
    """A list item: its words, its number where it has one, and the lists nested in it."""

    text: str
    number: int | None
    lists: list[Listing] = field(default_factory=list)


@dataclass(slots=True)
class Listing:
    """A list of items, all numbered or none."""

    indent: int
    ordered: bool
    items: list[Item]


@dataclass(slots=True)
class Paragraph:
    """A paragraph."""

    text: str


Block = Paragraph | Listing


def parse_prose(text: str) -> list[Block]:
    """Read the registry's markup into blocks, in order; every word of the text is in exactly one of them.

    >>> parse_prose("Age:\\n\\n* \\\\> 15 years")
    [Paragraph(text='Age:'), Listing(indent=0, ordered=False, items=[Item(text='> 15 years', number=None, lists=[])])]
    """
    blocks: list[Block] = []
    open_lists: list[Listing] = []
    after_gap = True
    for line in text.replace("\r\n", "\n").split("\n"):
        if not line.strip():
            after_gap = True
            continue
        found = _ITEM.match(line)
        if found:
            _add_item(found, blocks, open_lists)
        elif open_lists and (not after_gap or line[0].isspace()):
            _continue_item(line, open_lists)
        elif blocks and not after_gap and isinstance(blocks[-1], Paragraph):
            blocks[-1].text += "\n" + unescaped(line.strip())
        else:
            open_lists.clear()
            blocks.append(Paragraph(unescaped(line.strip())))
        after_gap = False
    return blocks


def unescaped(text: str) -> str:
    r"""The text without the markup's backslashes: ``\>`` is ``>``."""
    return _ESCAPED.sub(r"\1", text)


def _add_item(found: re.Match[str], blocks: list[Block], open_lists: list[Listing]) -> None:
    indent, number = len(found["indent"].expandtabs(4)), found["number"]
    item = Item(unescaped(found["text"].strip()), int(number) if number else None)
    while open_lists and open_lists[-1].indent > indent:
        open_lists.pop()
    current = open_lists[-1] if open_lists else None
    if current and current.indent == indent and current.ordered is (number is not None):
        current.items.append(item)
        return
    fresh = Listing(indent, number is not None, [item])
    if current and current.indent == indent:
        open_lists.pop()
    if open_lists:
        open_lists[-1].items[-1].lists.append(fresh)
    else:
        blocks.append(fresh)
    open_lists.append(fresh)


def _continue_item(line: str, open_lists: list[Listing]) -> None:
    item = open_lists[-1].items[-1]
    item.text += "\n" + unescaped(line.strip())
