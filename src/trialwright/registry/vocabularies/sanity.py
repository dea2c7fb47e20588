"""The sanity suite: known pairs of names that must, or must not, lead from one to the other.

Run when the names are built and by the tests. A vocabulary that fails it is not shipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

from trialwright.registry.vocabularies.thesaurus import KindOfName, expand
from trialwright.registry.vocabularies.words import key_of, words_of

_SUITE = files("trialwright.registry.vocabularies") / "data" / "sanity.tsv"


@dataclass(frozen=True, slots=True)
class Triple:
    """One line of the suite.

    Args:
        kind: Of the field in which the name is searched.
        name: What is typed.
        leads: Whether it must lead to the other name, or must not.
        other: A name, a word of a name (with ``leads`` False any name that holds it is wrong); empty: any name at all.
        why: What the line is about.
    """

    kind: KindOfName
    name: str
    leads: bool
    other: str
    why: str


def triples() -> tuple[Triple, ...]:
    """The suite, in the order of its file."""
    rows = (line.split("\t") for line in _SUITE.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    read = []
    for kind, name, sign, other, why in rows:
        assert kind in ("condition", "intervention") and sign in ("=", "≠"), (kind, name, sign)
        read.append(Triple("condition" if kind == "condition" else "intervention", name, sign == "=", other, why))
    return tuple(read)


def holds(triple: Triple) -> bool:
    """Whether the bundled names agree with a line of the suite."""
    stretches = expand(triple.name, triple.kind)
    found = {" ".join(words_of(name)) for one in stretches for name in (*one.variants, one.preferred)}
    found -= {" ".join(words_of(triple.name))}
    if not triple.leads:
        return not any(f" {' '.join(words_of(triple.other))} " in f" {name} " for name in found) if triple.other else not found
    wanted = key_of(words_of(triple.other))
    return any(key_of(words_of(name)) == wanted for name in found)
