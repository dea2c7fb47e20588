"""``/stats/size``: how many bytes the records' JSON has. Exact up to fifty thousand records; beyond, from an even sample.

The largest are exact always, but for a record that packs far better than all others of its size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trialwright.registry.address import Address
from trialwright.registry.catalogue import Edition
from trialwright.registry.language import canonical_nct

EXACT_UP_TO = 50_000
SAMPLE = 20_000
LARGEST = 10
_CANDIDATES = 200
_PERCENTS = (1, 5, 10, 25, 50, 75, 90, 95, 99)
_STEPS = (5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000)


def size_summary(edition: Edition) -> dict[str, object]:
    """The answer of ``/stats/size``: bytes of JSON text as filed, UTF-8."""
    addresses = _addresses(edition)
    by_place = sorted(addresses, key=addresses.__getitem__)
    step = max(1, -(-len(by_place) // SAMPLE)) if len(by_place) > EXACT_UP_TO else 1
    sizes = sorted(len(edition.raw(addresses[key])) for key in by_place[::step])
    packed = sorted(addresses, key=lambda key: addresses[key].length, reverse=True)[:_CANDIDATES]
    largest = sorted(((len(edition.raw(addresses[key])), key) for key in packed), key=lambda one: (-one[0], one[1]))
    return {
        "averageSizeBytes": round(sum(sizes) / len(sizes)) if sizes else 0,
        "totalStudies": len(addresses),
        "percentiles": {str(percent): _percentile(sizes, percent) for percent in _PERCENTS} if sizes else {},
        "ranges": _ranges(sizes, len(addresses)),
        "largestStudies": [{"id": key, "sizeBytes": size} for size, key in largest[:LARGEST]],
    }


def _addresses(edition: Edition) -> Mapping[str, Address]:
    return {one.key: one.address for one in edition.index.everything() if canonical_nct(one.key)}


def _percentile(sizes: Sequence[int], percent: int) -> int:
    """The nearest rank."""
    return sizes[max(0, -(-len(sizes) * percent // 100) - 1)]


def _ranges(sizes: Sequence[int], studies: int) -> list[dict[str, object]]:
    """How many studies lie in each range; from a sample, scaled so that they add up to all of them."""
    edges = (0, *_STEPS)
    names = [f"{low:,} - {high:,}" for low, high in zip(edges, _STEPS, strict=False)] + [f"above {_STEPS[-1]:,}"]
    counts = [0] * len(names)
    for size in sizes:
        counts[next((at for at, high in enumerate(_STEPS) if size <= high), len(_STEPS))] += 1
    scaled = _scaled(counts, studies)
    return [{"sizeRange": name, "studiesCount": count} for name, count in zip(names, scaled, strict=True)]


def _scaled(counts: Sequence[int], total: int) -> list[int]:
    seen, before, scaled = 0, 0, []
    everything = sum(counts) or 1
    for count in counts:
        seen += count
        upto = round(seen * total / everything)
        scaled.append(upto - before)
        before = upto
    return scaled
