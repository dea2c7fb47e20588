"""Where the numbers of a simulation come from: each entry of the file of chances with its source, and how to repeat it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from trialwright.report.document import Block, BulletList, Code, CodeSpan, Column, KeyValueTable, Section, Table, row
from trialwright.simulation.characteristics.result import Characteristics
from trialwright.simulation.operating.run import Compiled


def sources_section(compiled: Compiled, found: Characteristics, command: str) -> Section:
    """List the file's numbers with their sources, then what the result can be computed again from."""
    operating, source = compiled.reading.operating, compiled.reading.source
    lines = list(_entries(source.data, ())) if source is not None else []
    rows = tuple(row(path, numbers, said) for path, numbers, said in lines)
    columns = (Column("Entry"), Column("Numbers"), Column("Source or assumption"))
    told = found.provenance
    facts = KeyValueTable(
        (
            ("Protocol digest", (CodeSpan(told.protocol),)),
            ("Chances digest", (CodeSpan(told.virtual),)),
            ("Seed", (str(told.seed),)),
            ("Set otherwise", (", ".join(f"{path} = {value}" for path, value in told.settings.items()) or "nothing",)),
            ("Played by", (told.engine,)),
        )
    )
    blocks: list[Block] = [Table("numbers", ("The numbers of the file of chances.",), columns, rows)]
    if operating is not None:
        blocks.insert(0, BulletList(((operating.note,), *((note,) for note in found.notes))))
    blocks.append(facts)
    if command:
        blocks.append(Code(command))
    return Section("sources", "Where the numbers come from", tuple(blocks))


def _entries(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """Yield each node of the file that has a source or an assumption."""
    if not isinstance(value, dict):
        return
    said = "; ".join(f"{name}: {value[name]}" for name in ("source", "assumption") if isinstance(value.get(name), str))
    if said and path:
        numbers = "; ".join(_numbers({key: part for key, part in value.items() if key not in ("source", "assumption")}, ""))
        yield ".".join(path), numbers, " ".join(said.split())
    for key, part in value.items():
        yield from _entries(part, (*path, str(key)))


def _numbers(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("source") or value.get("assumption"):
            return  # a node of its own
        for key, part in value.items():
            short = key if key not in ("value", "choice") else ""
            yield from _numbers(part, f"{name} {short}".strip())
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        yield f"{name} {value}".strip()
