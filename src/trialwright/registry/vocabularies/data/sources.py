"""Read the open vocabularies that the bundled names are made from. Run by a maintainer; the product never does.

Each reader gives entries as the source has them, without the names that its own conventions make useless in a text
("… NOS (disorder)"). What two sources make of the same thing is for ``merging``.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import pickle
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trialwright.registry.vocabularies.words import key_of, words_of

NCIT_DISEASES = (
    "NCIT_C2991",
    "NCIT_C100104",
    "NCIT_C34808",
    "NCIT_C36278",
)  # Disease or Disorder; Sign or Symptom; Mass; by site
MESH_CONDITIONS = ("C", "F03")
MESH_DRUGS = "D"

_NOTES = re.compile(
    r"\s*(\((disorder|finding|diagnosis|morphologic abnormality|context-dependent category)\)|,?\s*\bNOS\b|\[.*?\]|\(&.*)", re.I
)
_INVERTED = re.compile(r"^([^,()]+), ([^,()]+)$")
_OTHERWISE = re.compile(r"[<>{}|=;]|&|^['-]|not otherwise specified|unspecified|\bNEC\b|without mention|\bor\b.*\bor\b|/", re.I)

_SALTS_TEXT = """
mesylate mesilate hydrochloride dihydrochloride hcl sodium disodium potassium calcium magnesium sulfate sulphate phosphate
acetate maleate tartrate bitartrate citrate succinate fumarate besylate tosylate bromide hydrobromide chloride nitrate lactate
gluconate pamoate palmitate propionate dipropionate valerate furoate hyclate monohydrate dihydrate trihydrate anhydrous
hemihydrate methanesulfonate ditosylate malate hemifumarate alafenamide medoxomil axetil etexilate marboxil lysine
tromethamine meglumine
"""
_LONE_S = re.compile(r"(?<!['’])\b[sS]\b")  # "protein S" would be compared as "protein", since a possessive s is left out
_ADJECTIVE = re.compile(r"[a-z]+(?:ive|ous|ient|ated|cted)", re.I)  # "infectious" is no name of an infection
SALTS = frozenset(_SALTS_TEXT.split())
# What is a drug with its salt and not without: "sodium chloride" is not sodium.
_NOT_BASES_TEXT = """
sodium potassium calcium magnesium lithium zinc iron ferrous ferric aluminum ammonium silver copper barium gold acid amino
chromium strontium bismuth cesium rubidium gallium thallium radium water lactate glucose
"""
_NOT_BASES = frozenset(_NOT_BASES_TEXT.split())
# Words before a disease that say which patients, not which disease; such entries would hide the disease's own names.
_WHICH_PATIENTS = re.compile(
    r"^(recurrent|relapsed|refractory|metastatic|adult|childhood|pediatric|stage|grade|localized|unresectable|resectable|"
    r"locally advanced|advanced|extensive|limited|untreated|newly diagnosed|aids-related|severe|mild|moderate)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A concept as one source has it.

    Args:
        identifier: With the source's prefix, such as ``DOID:1612``.
        preferred: Its name.
        names: Its synonyms.
        same_as: Identifiers of other sources that it refers to.
        parents: Identifiers of its own source.
    """

    identifier: str
    preferred: str
    names: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()


def read_doid(path: Path, distrusted: Mapping[str, str]) -> Iterator[Entry]:
    """Disease Ontology; the synonyms and references of the distrusted terms are left out."""
    renamed = {"NCI": "NCIT", "MESH": "MESH", "ORDO": "ORDO"}
    for term in json.loads(path.read_text())["terms"]:
        trusted = term["id"] not in distrusted
        refs = [ref.split(":", 1) for ref in term["xref"]] if trusted else []
        yield Entry(
            term["id"],
            clean(term["name"]),
            cleaned(term["syn"]) if trusted else (),
            tuple(f"{renamed[source]}:{code}" for source, code in refs if source in renamed),
            tuple(term["parents"]),
        )


def read_ncit(path: Path) -> Iterator[Entry]:
    """NCI Thesaurus: what lies below Disease or Disorder and below Finding."""
    graph = json.loads(gzip.decompress(path.read_bytes()))["graphs"][0]
    parents: dict[str, set[str]] = defaultdict(set)
    children: dict[str, set[str]] = defaultdict(set)
    for edge in graph["edges"]:
        if edge["pred"] == "is_a":
            below, above = edge["sub"].rsplit("/", 1)[-1], edge["obj"].rsplit("/", 1)[-1]
            parents[below].add(above)
            children[above].add(below)
    wanted = _below(NCIT_DISEASES, children)
    for node in graph["nodes"]:
        code = node["id"].rsplit("/", 1)[-1]
        name = node.get("lbl") or ""
        if code in wanted and name and not _WHICH_PATIENTS.match(name) and not name.endswith(" Finding"):
            yield Entry(
                _ncit(code),
                clean(node["lbl"]),
                cleaned(one["val"] for one in node.get("meta", {}).get("synonyms", ())),
                (),
                tuple(_ncit(above) for above in sorted(parents[code])),
            )


def read_ordo(path: Path) -> Iterator[Entry]:
    """Orphanet's diseases, groups and subtypes, without its genes."""
    graph = json.loads(gzip.decompress(path.read_bytes()))["graphs"][0]
    for node in graph["nodes"]:
        meta = node.get("meta", {})
        if not node.get("lbl") or not any("#ordo_" in subset for subset in meta.get("subsets", ())):
            continue
        refs = tuple(one["val"] for one in meta.get("xrefs", ()) if one["val"].startswith("MESH:"))
        names = cleaned(one["val"] for one in meta.get("synonyms", ()))
        yield Entry(f"ORDO:{node['id'].rsplit('_', 1)[-1]}", clean(node["lbl"]), names, refs)


def read_mesh(terms: Path, identifiers: Path, trees: tuple[str, ...]) -> Iterator[Entry]:
    """MeSH headings below some trees."""
    codes = json.loads(identifiers.read_text())
    below = {line.split("\t")[1].strip() for line in terms.read_text().splitlines() if line.startswith(trees)}
    for heading in sorted(below):
        if heading in codes:
            turned = turn(heading)
            yield Entry(f"MESH:{codes[heading]}", turned, (heading,) if turned != heading else ())


def read_drugs(wheel: Path) -> Iterator[Entry]:
    """The drug dictionary of the package ``drug-named-entity-recognition``; a salt's names go to its base.

    Only drugs that stand in DrugBank's open data or in MeSH are kept. The dictionary is a pickle; the reader allows
    plain containers and text only.
    """
    with zipfile.ZipFile(wheel) as archive:
        packed = archive.read("drug_named_entity_recognition/drug_ner_dictionary.pkl.bz2")
    dictionary = _PlainUnpickler(io.BytesIO(bz2.decompress(packed))).load()
    about = {name: found for name, found in dictionary["drug_canonical_to_data"].items() if _code(found)}
    bases = {key_of(words_of(name)): name for name in about}
    names: dict[str, set[str]] = defaultdict(set)
    for variant, canonicals in dictionary["drug_variant_to_canonical"].items():
        for canonical in canonicals:
            if canonical in about:
                names[_base(canonical, bases)].add(variant)
    for name in about:
        names[_base(name, bases)].add(name)
    for name, variants in sorted(names.items()):
        data = about[name]
        preferred = data.get("name", _shown(name))
        kept = [*data.get("synonyms", ()), *(_shown(one) for one in sorted(variants))]
        yield Entry(_code(data), preferred, cleaned(kept))


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is not plain data")


def _shown(variant: str) -> str:
    """A name that the dictionary has in lower case only: a code in capitals, a single word with a capital."""
    if any(letter.isdigit() for letter in variant) and len(words_of(variant)) <= 2 and len(variant) <= 12:
        return variant.upper()
    return variant.capitalize() if variant.isalpha() else variant


def _code(data: Mapping[str, Any]) -> str:
    if data.get("drugbank_id"):
        return f"DRUGBANK:{data['drugbank_id']}"
    return f"MESH:{data['mesh_id']}" if data.get("mesh_id") else ""


def _base(name: str, bases: Mapping[str, str]) -> str:
    """The drug without its salt, where that is a drug of the dictionary; else the name itself."""
    words = words_of(name)
    stripped = without_salt(words)
    if stripped != words and not set(stripped) & _NOT_BASES:
        return bases.get(key_of(stripped), name)
    return name


def without_salt(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a drug's name without the salts that end it."""
    end = len(words)
    while end > 1 and words[end - 1] in SALTS:
        end -= 1
    return words[:end]


def clean(name: str) -> str:
    """A name without the notes of its source, and the right way round.

    >>> clean("Myeloid Leukemia, chronic"), clean("carcinoma of breast NOS (disorder)")
    ('chronic Myeloid Leukemia', 'carcinoma of breast')
    """
    return " ".join(turn(_NOTES.sub("", name)).split()).strip(" ,;")


def turn(name: str) -> str:
    """A name that a catalogue has turned round (``Leukemia, Chronic``) as it is spoken; others as they are."""
    found = _INVERTED.match(name)
    return f"{found[2]} {found[1]}" if found and len(found[2].split()) <= 3 else name


def cleaned(names: Iterable[str]) -> tuple[str, ...]:
    """The names that may stand in a text, cleaned, each once."""
    kept = (clean(name) for name in names if not _OTHERWISE.search(name))
    names = (name for name in kept if name and len(words_of(name)) <= 8 and not name.isdigit())
    return tuple(dict.fromkeys(name for name in names if not _ADJECTIVE.fullmatch(name) and not _LONE_S.search(name)))


def _below(roots: Iterable[str], children: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting += children.get(code, ())
    return found


def _ncit(code: str) -> str:
    return code.replace("NCIT_", "NCIT:")
