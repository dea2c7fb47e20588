"""Write registry records as v2 JSON. What was read as v2 is written with every member it had."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from trialwright.registry.record import Record


def format_record(record: Record) -> str:
    """One record as indented v2 JSON text, ending in a line break."""
    return json.dumps(record.raw, ensure_ascii=False, indent=2) + "\n"


def write_records(records: Iterable[Record], path: Path) -> int:
    """Write records to a file: one a line for ``.jsonl`` and ``.ndjson``, else one object or a list.

    Returns:
        How many were written.

    Raises:
        OSError: The file cannot be written.
    """
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        lines = [json.dumps(record.raw, ensure_ascii=False, separators=(",", ":")) for record in records]
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return len(lines)
    nodes = [record.raw for record in records]
    content = nodes[0] if len(nodes) == 1 else nodes
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return len(nodes)
