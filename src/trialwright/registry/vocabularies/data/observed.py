"""What real records show of names: how often each stands in them, in which case, and what abbreviations stand for.

Run by a maintainer over a file of v2 records, one a line. Counts only: no text of a record is kept but the other names
that sponsors give their interventions.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from trialwright.registry.vocabularies.words import folded, key_of, key_of_word, words_of

_DEFINED = re.compile(r"((?:[\w'’/-]+\s+){1,8})\(\s*([A-Za-z][A-Za-z0-9-]{1,7})\s*\)")
_TOKEN = re.compile(r"[^\W_]+")


@dataclass(slots=True)
class Observed:
    """Counts over the records.

    Args:
        records: How many were read.
        by_key: In how many records a name stands, by its key.
        upper: How often a word stands in capitals, by its key.
        seen: How often a word stands at all, by its key.
        defined: Abbreviation (key) to the long names (keys) that stand before it in "long name (ABBR)", with counts.
        other_names: Intervention's name to the other names that sponsors give it, with the number of studies.
    """

    records: int = 0
    by_key: Counter[str] = field(default_factory=Counter)
    upper: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    defined: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    other_names: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


def observe(path: Path, keys: Set[str], longest: int = 8) -> Observed:
    """Count over every record of a file of v2 JSON, one a line.

    Args:
        path: The file.
        keys: The names to count.
        longest: The most words of a name.
    """
    observed = Observed()
    firsts = {key.split(" ", 1)[0] for key in keys}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            text = "\n".join(_texts(record.get("protocolSection", {})))
            _count(observed, text, keys, firsts, longest)
            for node in record["protocolSection"].get("armsInterventionsModule", {}).get("interventions", ()):
                observed.other_names[node.get("name", "")].update(set(node.get("otherNames", ())))
            observed.records += 1
    return observed


def _count(observed: Observed, text: str, keys: Set[str], firsts: Set[str], longest: int) -> None:
    plain: list[str] = _TOKEN.findall(text)
    tokens = [key_of_word(folded(one)) for one in plain]
    found: set[str] = set()
    for at, (raw, token) in enumerate(zip(plain, tokens, strict=True)):
        observed.seen[token] += 1
        observed.upper[token] += raw[:-1].isupper() if len(raw) > 2 else raw.isupper()
        if token in firsts:
            for end in range(at + 1, min(at + longest, len(tokens)) + 1):
                key = " ".join(tokens[at:end])
                if key in keys:
                    found.add(key)
    observed.by_key.update(found)
    for before, short in {(match[1], match[2]) for match in _DEFINED.finditer(text)}:
        if sum(letter.isupper() for letter in short) >= 2:
            long = long_form(words_of(before), short)
            if long:
                observed.defined[key_of(words_of(short))][key_of(long)] += 1


def long_form(before: tuple[str, ...], short: str) -> tuple[str, ...]:
    """The words before "(ABBR)" that it stands for: the fewest whose letters hold it in order, beginning with its first.

    >>> long_form(("patients", "with", "hypereosinophilic", "syndrome"), "HES")
    ('hypereosinophilic', 'syndrome')
    """
    letters = [letter for letter in folded(short) if letter.isalnum()]
    for start in range(len(before) - 1, -1, -1):
        words = before[start:]
        if words[0][:1] == letters[0] and _holds("".join(words), letters) and len(words) <= len(letters) + 3:
            return words
    return ()


def _holds(text: str, letters: list[str]) -> bool:
    at = -1
    for letter in letters:
        at = text.find(letter, at + 1)
        if at < 0:
            return False
    return True


def _texts(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for name, value in node.items():
            if name not in ("contactsLocationsModule", "sponsorCollaboratorsModule"):
                yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)
