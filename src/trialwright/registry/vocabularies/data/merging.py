"""From the entries of several sources to concepts: which entries are one thing, and what each name means.

Run by a maintainer; pure. The rules, in order:

1. Entries of one preferred name are one concept; so are entries that refer to each other one to one and share a name.
2. A name means the concept that prefers it, else the one that most sources have. Others that claim it are taken along
   only where they are next to it in a hierarchy, or share its MeSH heading, and are named alike (cancer, carcinoma).
3. An abbreviation is judged by what real records use it for (``Observed.defined``), and is left out where one meaning
   does not dominate (docs/decisions/0078).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from trialwright.registry.vocabularies.data.observed import Observed
from trialwright.registry.vocabularies.data.sources import Entry
from trialwright.registry.vocabularies.words import key_of, words_of

DOMINANT = 0.75
"""An abbreviation is kept where at least this share of its definitions in real records is the concept."""
MOST_NAMES = 12
"""Other names kept of a concept that stand in real records, the most frequent first."""
MOST_UNSEEN_NAMES = 8
"""So many names in all are kept where the records show fewer."""
LONG_NAME = 8
"""Characters from which a name is long enough to be abbreviated."""
WITNESSES = 4
"""An abbreviation that no vocabulary lists is added where real records define it so often as one concept."""

_FILE_NUMBER = re.compile(r"(IND|NSC)\b|.*#")  # of an application, not of a drug
_PLURAL = re.compile(r"(?<=[a-z]{3})(?<![sui])s$")
_GENERIC = frozenset(word[:5] for word in ("neoplasm", "cancer", "tumor", "malignant", "disease", "disorder", "syndrome", "of"))
_MALIGNANT = frozenset({"carci", "prima"})
_ABBREVIATION = re.compile(r"[A-Za-z][A-Za-z0-9]{0,5}|[A-Z0-9]{1,4}-?[A-Z0-9]{1,4}")


@dataclass(slots=True)
class Cluster:
    """Entries that are one thing.

    Args:
        entries: Of the sources, in their order.
        extra: Names that no source has, to be looked for in records.
        typed: Names that people type and records do not use: they lead here and are not looked for.
    """

    entries: list[Entry] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)

    @property
    def preferred(self) -> str:
        """The name to show: of the first source."""
        return self.entries[0].preferred

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, each once, the preferred first."""
        found = [entry.preferred for entry in self.entries]
        found += [name for entry in self.entries for name in entry.names] + self.extra + self.typed
        return tuple(dict.fromkeys(found))


def is_abbreviation(name: str) -> bool:
    """Whether a name is one short word that could stand for anything: ``HES``, ``CML``, ``AD15``."""
    return (
        len(words_of(name)) == 1
        and len(name) <= 6
        and (not name.islower() or len(name) <= 3)
        and (sum(letter.isupper() for letter in name) >= 2 or len(name) <= 3)
        and _ABBREVIATION.fullmatch(name) is not None
    )


def clusters_of(sources: Sequence[Sequence[Entry]], same: Iterable[tuple[str, str]] = ()) -> list[Cluster]:
    """The entries of all sources, each in one cluster; earlier sources give the preferred name; ``same`` are joined by hand."""
    entries = {entry.identifier: entry for source in sources for entry in source}
    above: dict[str, str] = {identifier: identifier for identifier in entries}

    def root(identifier: str) -> str:
        while above[identifier] != identifier:
            identifier = above[identifier]
        return identifier

    def join(one: str, other: str) -> None:
        first, second = root(one), root(other)
        above[second] = first

    by_preferred: dict[str, str] = {}
    for identifier, entry in entries.items():
        join(by_preferred.setdefault(key_of(words_of(entry.preferred)), identifier), identifier)
    for identifier, other in references(entries):
        if keys_of(entries[identifier]) & keys_of(entries[other]):
            join(identifier, other)
    for identifier, other in (*headings(entries), *same):
        join(identifier, other)
    grouped: dict[str, Cluster] = {}
    for identifier, entry in entries.items():
        grouped.setdefault(root(identifier), Cluster()).entries.append(entry)
    return _with_lone_headings(list(grouped.values()))


def _with_lone_headings(clusters: list[Cluster]) -> list[Cluster]:
    """A MeSH heading that stands alone joins the one concept that has it as a synonym and has no heading of its own."""
    claimed: dict[str, list[Cluster]] = defaultdict(list)
    for cluster in clusters:
        for key in {key_of(words_of(name)) for name in cluster.names}:
            claimed[key].append(cluster)
    kept = []
    for cluster in clusters:
        alone = len(cluster.entries) == 1 and cluster.entries[0].identifier.startswith("MESH:")
        others = [one for one in claimed[key_of(words_of(cluster.preferred))] if one is not cluster] if alone else []
        if len(others) == 1 and not any(entry.identifier.startswith("MESH:") for entry in others[0].entries):
            others[0].entries.append(cluster.entries[0])
        else:
            kept.append(cluster)
    return kept


def references(entries: Mapping[str, Entry]) -> list[tuple[str, str]]:
    """References that are one to one between two sources, and not contradicted by the entry's own name being another's."""
    preferred = {
        (identifier.split(":")[0], key_of(words_of(entry.preferred))): identifier for identifier, entry in entries.items()
    }
    pointing: Counter[str] = Counter()
    pairs = []
    for identifier, entry in entries.items():
        by_source: dict[str, list[str]] = defaultdict(list)
        for other in entry.same_as:
            pointing[f"{identifier.split(':')[0]}>{other}"] += 1
            by_source[other.split(":")[0]].append(other)
        for source, others in by_source.items():
            own = preferred.get((source, key_of(words_of(entry.preferred))))
            tumors_alike = others[0] in entries and ("benign" in entry.preferred) == (
                "benign" in entries[others[0]].preferred.lower()
            )
            if len(others) == 1 and tumors_alike and own in (None, others[0]):
                pairs.append((identifier, others[0]))
    return [(one, other) for one, other in pairs if pointing[f"{one.split(':')[0]}>{other}"] == 1]


def headings(entries: Mapping[str, Entry]) -> list[tuple[str, str]]:
    """The topmost entry that refers to a MeSH heading, where both names say the same but for words such as "neoplasm"."""
    pointing: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries.values():
        for other in entry.same_as:
            if other.startswith("MESH:") and other in entries and entry.identifier.startswith("DOID:"):
                pointing[other].append(entry)
    pairs = []
    for heading, found in pointing.items():
        own = {entry.identifier for entry in found}
        tops = [entry for entry in found if not own & set(entry.parents)]
        if len(tops) == 1 and _but_generic(tops[0].preferred) == _but_generic(entries[heading].preferred):
            pairs.append((tops[0].identifier, heading))
    return pairs + _cancers(entries)


def _cancers(entries: Mapping[str, Entry]) -> list[tuple[str, str]]:
    """``lung cancer`` of the Disease Ontology and ``Lung Neoplasms`` of MeSH, which registries use for it."""
    by_organ: dict[frozenset[str], list[str]] = defaultdict(list)
    for entry in entries.values():
        if entry.identifier.startswith("DOID:") and entry.preferred.endswith(" cancer"):
            by_organ[_but_generic(entry.preferred)].append(entry.identifier)
    headed = [one for one in entries.values() if one.identifier.startswith("MESH:") and one.preferred.endswith(" Neoplasms")]
    found = [(by_organ.get(_but_generic(one.preferred), []), one.identifier) for one in headed]
    return [(cancers[0], heading) for cancers, heading in found if len(cancers) == 1 and _but_generic(entries[heading].preferred)]


def _but_generic(name: str) -> frozenset[str]:
    return frozenset(word[:5] for word in key_of(words_of(name)).split()) - _GENERIC


def keys_of(entry: Entry) -> set[str]:
    """The keys of every name of an entry."""
    return {key_of(words_of(name)) for name in (entry.preferred, *entry.names)}


class Meanings:
    """What each name means: the clusters of a key, the first of which gives the name to show."""

    def __init__(self, clusters: Sequence[Cluster], observed: Observed, trusted: frozenset[str]) -> None:
        self.clusters = clusters
        self._trusted = trusted
        self._observed = observed
        self._near = _neighbours(clusters)
        claims: dict[str, dict[int, str]] = defaultdict(dict)
        for number, cluster in enumerate(clusters):
            for name in cluster.names:
                claims[key_of(words_of(name))].setdefault(number, name)
        self._preferring: dict[str, int] = {}
        for number, cluster in enumerate(clusters):
            for entry in cluster.entries:
                self._preferring.setdefault(key_of(words_of(entry.preferred)), number)
        self._long = {key: set(numbers) for key, numbers in claims.items() if not is_abbreviation(next(iter(numbers.values())))}
        self.by_key = {key: found for key, named in claims.items() if key and (found := self._meaning(key, named))}

    def _meaning(self, key: str, named: Mapping[int, str]) -> tuple[int, ...]:
        short = any(is_abbreviation(name) for name in named.values()) or len(key) <= 3
        if short and key not in self._trusted:
            return self._abbreviation(key, tuple(named))
        numbers = sorted(named)
        first = self._preferring.get(key, max(numbers, key=lambda number: (len(self.clusters[number].entries), -number)))
        return (first, *(number for number in numbers if number != first and self._alike(first, number)))

    def _alike(self, one: int, other: int) -> bool:
        """Whether two concepts are near each other and differ by words such as "carcinoma" only (cancer of the breast)."""
        near = other in self._near[one] or one in self._near[other]
        first, second = (_but_generic(self.clusters[number].preferred) - _MALIGNANT for number in (one, other))
        return near and first == second and bool(first)

    def _abbreviation(self, key: str, numbers: tuple[int, ...]) -> tuple[int, ...]:
        """The one concept that dominates among the records' definitions that name any concept of this kind."""
        seen = self._observed.seen[key]
        if seen and self._observed.upper[key] < 0.5 * seen:
            return ()  # the word stands mostly in small letters: it is a word, not an abbreviation
        counts = Counter[int]()
        for long, count in self._observed.defined.get(key, Counter()).items():
            for number in self._long.get(long, ()):
                counts[number] += count
        told = sum(count for long, count in self._observed.defined.get(key, Counter()).items() if long in self._long)
        best = sorted(((counts[number], -number) for number in numbers), reverse=True)[0]
        if told:
            return (-best[1],) if best[0] >= DOMINANT * told else ()
        return numbers if len(numbers) == 1 and len(key) >= 4 else ()

    def dominates_everywhere(self, key: str, number: int) -> bool:
        """Whether an abbreviation means a concept in most of *all* its definitions, so that it may find texts itself."""
        definitions = self._observed.defined.get(key, Counter())
        total = sum(definitions.values())
        mine = sum(count for long, count in definitions.items() if number in self._long.get(long, ()))
        return mine >= DOMINANT * total if total else len(key) >= 5

    def names(self, numbers: tuple[int, ...]) -> list[str]:
        """The names that find texts of a meaning: the frequent first, without those that mean something else."""
        found: dict[str, str] = {}
        for number in numbers:
            for name in self.clusters[number].names:
                key = key_of(words_of(name))
                meant = self.by_key.get(key, ())
                if not set(meant) & set(numbers) or name in self.clusters[number].typed:
                    continue
                if is_abbreviation(name) and key not in self._trusted and not self.dominates_everywhere(key, number):
                    continue
                found.setdefault(" ".join(_PLURAL.sub("", word) for word in words_of(name)), name)
        told = {name for number in numbers for name in self.clusters[number].extra}
        count = {name: self._observed.by_key[key_of(words_of(name))] or int(name in told) for name in found.values()}
        order = sorted(found.values(), key=lambda name: (-count[name], len(words_of(name)) > 1))
        seen = [name for name in order if count[name]][:MOST_NAMES]
        return seen + [name for name in order if not count[name]][: max(0, MOST_UNSEEN_NAMES - len(seen))]

    def shown(self, number: int) -> str:
        """The name to show: of those that a source prefers, the most frequent in real records."""
        names = [entry.preferred for entry in self.clusters[number].entries]
        if names[0].startswith("("):
            names = list(self.clusters[number].names)
        best = max(names, key=lambda name: (self._observed.by_key[key_of(words_of(name))], name[0].isalnum()))
        return best[0].upper() + best[1:] if best.split()[0].isalpha() else best

    def records(self, numbers: tuple[int, ...]) -> int:
        """In how many records the most frequent name of a meaning stands."""
        keys = {key_of(words_of(name)) for number in numbers for name in self.clusters[number].names}
        return max((self._observed.by_key[key] for key in keys if self.by_key.get(key)), default=0)


def _neighbours(clusters: Sequence[Cluster]) -> list[set[int]]:
    """Per cluster, those that are its parents or share a MeSH heading with it."""
    of_entry = {entry.identifier: number for number, cluster in enumerate(clusters) for entry in cluster.entries}
    by_heading: dict[str, set[int]] = defaultdict(set)
    near: list[set[int]] = [set() for _ in clusters]
    for number, cluster in enumerate(clusters):
        for entry in cluster.entries:
            near[number] |= {of_entry[above] for above in entry.parents if above in of_entry}
            for other in (entry.identifier, *entry.same_as):
                if other.startswith("MESH:"):
                    by_heading[other].add(number)
    for together in by_heading.values():
        for number in together:
            near[number] |= together - {number}
    return near


def with_observed_abbreviations(clusters: Sequence[Cluster], observed: Observed) -> None:
    """Add to each concept the abbreviations that real records define as one of its names; clusters change in place."""
    by_name = {key_of(words_of(name)): number for number, cluster in enumerate(clusters) for name in reversed(cluster.names)}
    for short, definitions in observed.defined.items():
        counts: Counter[int] = Counter()
        for long, count in definitions.items():
            if long in by_name and len(long) >= LONG_NAME:
                counts[by_name[long]] += count
        if counts and " " not in short and 2 <= len(short) <= 6 and short not in by_name:
            number, count = counts.most_common(1)[0]
            if count >= WITNESSES and count >= 0.5 * sum(definitions.values()):
                clusters[number].extra.append(short.upper())


def with_observed_names(clusters: Iterable[Cluster], observed: Observed, base: Mapping[str, int]) -> None:
    """Add to each drug the other names that sponsors give it: those of two studies, and those that are code names.

    Args:
        clusters: The drugs; changed in place.
        observed: What the records show.
        base: The number of the cluster that a name's key means.
    """
    code = re.compile(r"[A-Z]{2,5}[- ]?\d{3,7}[A-Z]?")
    listed = list(clusters)
    claims: dict[str, Counter[tuple[int, str]]] = defaultdict(Counter)
    for name, others in observed.other_names.items():
        number = base.get(key_of(words_of(name)))
        if number is None:
            continue
        for other, count in others.items():
            if key_of(words_of(other)) not in base and not _FILE_NUMBER.match(other):
                claims[key_of(words_of(other))][number, other.strip()] += count
    for found in claims.values():
        numbers = {number for number, _ in found}
        total = sum(found.values())
        (number, other), _ = found.most_common(1)[0]
        if len(numbers) == 1 and (code.fullmatch(other) or (total >= 2 and len(other) >= 5 and len(words_of(other)) <= 3)):
            listed[number].extra.append(other)
