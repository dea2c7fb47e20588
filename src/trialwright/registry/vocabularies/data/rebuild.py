"""Rebuild ``names.zip`` from its sources and run the sanity suite on it. Run by a maintainer; the product never does.

    python -m trialwright.registry.vocabularies.data.rebuild DOID_JSON NCIT_GZ ORDO_GZ MESH_TERMS MESH_IDS WHEEL RECORDS

``RECORDS`` is a file of v2 records, one a line. SOURCES.md says where each file comes from. The same input gives the
same bytes.
"""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from trialwright.registry.vocabularies.data.corrections import ADDED, DISTRUSTED, NOT_NAMES, SAME
from trialwright.registry.vocabularies.data.merging import (
    Cluster,
    Meanings,
    clusters_of,
    with_observed_abbreviations,
    with_observed_names,
)
from trialwright.registry.vocabularies.data.observed import Observed, observe
from trialwright.registry.vocabularies.data.sources import (
    MESH_CONDITIONS,
    Entry,
    read_doid,
    read_drugs,
    read_mesh,
    read_ncit,
    read_ordo,
    without_salt,
)
from trialwright.registry.vocabularies.sanity import holds, triples
from trialwright.registry.vocabularies.words import key_of, words_of

HERE = Path(__file__).parent
FIXED_TIME = (2026, 1, 1, 0, 0, 0)
_CODE = re.compile(r"([A-Za-z]{2,5})[- ]?(\d{3,7}[A-Za-z]?)")


def rebuild(sources: list[Path]) -> None:
    """Write the file of names from the seven sources, in the order of the module's docstring."""
    doid, ncit, ordo, mesh_terms, mesh_ids, wheel, records = sources
    conditions = clusters_of(
        [
            list(read_doid(doid, DISTRUSTED)),
            list(read_mesh(mesh_terms, mesh_ids, MESH_CONDITIONS)),
            list(read_ordo(ordo)),
            list(read_ncit(ncit)),
        ],
        SAME,
    )
    drugs = clusters_of([list(read_drugs(wheel))])
    keys = {key_of(words_of(name)) for cluster in (*conditions, *drugs) for name in cluster.names}
    observed = observe(records, keys)
    with_observed_names(drugs, observed, _drug_bases(drugs))
    members: dict[str, bytes] = {}
    for kind, clusters in (("condition", conditions), ("intervention", drugs)):
        with_observed_abbreviations(clusters, observed)
        corrected(kind, clusters)
        members |= written(kind, clusters, observed)
    members["words"] = spelled(members, observed)
    with zipfile.ZipFile(HERE / "names.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(members):
            archive.writestr(zipfile.ZipInfo(name, FIXED_TIME), members[name], zipfile.ZIP_DEFLATED, 9)
    failed = [triple for triple in triples() if not holds(triple)]
    if failed:
        raise SystemExit("the sanity suite fails:\n" + "\n".join(map(str, failed)))


def corrected(kind: str, clusters: list[Cluster]) -> None:
    """Add the names of the list of corrections, and take away what it says is no name."""
    by_name = {key_of(words_of(cluster.preferred)): cluster for cluster in clusters}
    for preferred, names in ADDED[kind].items():
        key = key_of(words_of(preferred))
        if key not in by_name:
            by_name[key] = Cluster([Entry(f"TW:{preferred}", preferred)])
            clusters.append(by_name[key])
        held = by_name[key].extra if kind == "intervention" else by_name[key].typed
        held += names
    refused = {key_of(words_of(name)) for name in NOT_NAMES[kind]}
    for cluster in clusters:
        cluster.entries = [
            Entry(
                one.identifier,
                one.preferred,
                tuple(name for name in one.names if key_of(words_of(name)) not in refused),
                one.same_as,
                one.parents,
            )
            for one in cluster.entries
        ]
        cluster.extra = [name for name in cluster.extra if key_of(words_of(name)) not in refused]


def written(kind: str, clusters: list[Cluster], observed: Observed) -> dict[str, bytes]:
    """The three members of one kind: keys, the number of each key's concept, the concepts."""
    meanings = Meanings(clusters, observed, frozenset(key_of(words_of(name)) for names in ADDED[kind].values() for name in names))
    lines: list[str] = []
    number_of: dict[tuple[int, ...], int] = {}
    by_key: dict[str, int] = {}
    refused = {key_of(words_of(name)) for name in NOT_NAMES[kind]}
    for key, numbers in sorted(meanings.by_key.items()):
        if key in refused:
            continue
        if numbers not in number_of:
            number_of[numbers] = len(lines)
            lines.append(_line(clusters[numbers[0]].entries[0].identifier, meanings.shown(numbers[0]), meanings, numbers))
        for spelling in spellings(key, kind):
            by_key.setdefault(spelling, number_of[numbers])
    by_key = dict(sorted(by_key.items()))
    return {
        f"{kind}.keys": "\n".join(by_key).encode(),
        f"{kind}.numbers": np.array(list(by_key.values()), "<u4").tobytes(),
        f"{kind}.concepts": "\n".join(lines).encode(),
    }


def spelled(members: Mapping[str, bytes], observed: Observed) -> bytes:
    """The words of four letters and more that any name is made of, the most frequent in real records first."""
    lines = b"\n".join(members[f"{kind}.concepts"] for kind in ("condition", "intervention")).decode().splitlines()
    words = {
        word for line in lines for name in line.split("\t")[2:] for word in words_of(name) if len(word) >= 4 and word.isalpha()
    }
    return "\n".join(sorted(words, key=lambda word: (-observed.seen[key_of(words_of(word))], word))).encode()


def spellings(key: str, kind: str) -> Iterable[str]:
    """A key, and for a code name (``sti571``, ``sti 571``) both ways of writing it."""
    yield key
    code = _CODE.fullmatch(key) if kind == "intervention" else None
    if code:
        yield f"{code[1]}{code[2]}"
        yield f"{code[1]} {code[2]}"


def _line(identifier: str, shown: str, meanings: Meanings, numbers: tuple[int, ...]) -> str:
    kept: dict[str, str] = {}
    for name in meanings.names(numbers):
        code = _CODE.fullmatch(name)
        for one in (f"{code[1]}{code[2]}", f"{code[1]}-{code[2]}") if code else (name,):
            kept.setdefault(" ".join(words_of(one)), one)
    kept.pop(" ".join(words_of(shown)), None)
    return "\t".join([identifier, str(meanings.records(numbers)), shown, *kept.values()])


def _drug_bases(drugs: list[Cluster]) -> Mapping[str, int]:
    base: dict[str, int] = {}
    for number, cluster in enumerate(drugs):
        for name in cluster.names:
            base.setdefault(key_of(words_of(name)), number)
            base.setdefault(key_of(without_salt(words_of(name))), number)
    return base


if __name__ == "__main__":
    rebuild([Path(argument) for argument in sys.argv[1:]])
