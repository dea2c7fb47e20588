"""Randomization lists by permuted blocks, stratified or not. Chance is a key that is handed in; nothing is allocated here.

Every draw is an HMAC of what it is for, so a list is the same on every machine and in every version, a longer list begins with
the shorter one, and one stratum's list says nothing about another's. Whoever holds the key can foresee every allocation.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trialwright.designs.errors import DesignError, require_count

MOST = 100_000
_LONGEST_BLOCK = 100


@dataclass(frozen=True, slots=True)
class Blocks:
    """How blocks are made: each arm's share (whole numbers) and the block lengths that chance chooses among.

    Args:
        arms: Arm to share: ``{"drug": 2, "placebo": 1}``; shares of at least 1.
        lengths: Multiples of the shares' sum, up to 100; several make the end of a block harder to guess.
    """

    arms: Mapping[str, int]
    lengths: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.arms) < 2:
            raise DesignError("arms", dict(self.arms), "two arms or more are wanted")
        for share in self.arms.values():
            require_count("arms", share, 1, _LONGEST_BLOCK)
        total = sum(self.arms.values())
        if not self.lengths or any(length % total or not total <= length <= _LONGEST_BLOCK for length in self.lengths):
            raise DesignError("lengths", list(self.lengths), f"multiples of {total} up to {_LONGEST_BLOCK} are wanted")


@dataclass(frozen=True, slots=True)
class Allocation:
    """One line of a list; ``number`` counts from 1 within the stratum, ``block`` too."""

    stratum: str
    number: int
    block: int
    arm: str


def permuted_blocks(key: bytes, blocks: Blocks, count: int, stratum: str = "") -> tuple[Allocation, ...]:
    """Make a list of allocations.

    Args:
        key: The secret: at least 16 bytes.
        blocks: Arms and block lengths.
        count: Allocations wanted, 1 … 100,000; the last block may be cut.
        stratum: For which stratum.

    Raises:
        DesignError: An argument is out of range.

    Source: Zelen M, J Chronic Dis 1974;27:365-75 (permuted blocks); shuffling by Fisher and Yates, draws by HMAC-SHA-256.
    """
    if len(key) < 16:
        raise DesignError("key", f"{len(key)} bytes", "at least 16 bytes are wanted")
    require_count("count", count, 1, MOST)
    found: list[Allocation] = []
    for block in itertools.count(1):
        for arm in _block(key, blocks, stratum, block):
            found.append(Allocation(stratum, len(found) + 1, block, arm))
            if len(found) == count:
                return tuple(found)
    raise AssertionError("blocks never end")


def stratified_blocks(key: bytes, blocks: Blocks, strata: Mapping[str, Sequence[str]], count: int) -> tuple[Allocation, ...]:
    """Make one list for each combination of the strata.

    Args:
        key: The secret.
        blocks: Arms and block lengths.
        strata: Factor to its levels, such as ``{"site": ("1", "2"), "sex": ("female", "male")}``.
        count: Allocations of each stratum.

    Raises:
        DesignError: An argument is out of range, a factor has no level, or the lists together exceed 100,000 lines.
    """
    if any(not levels for levels in strata.values()):
        raise DesignError("strata", {name: list(levels) for name, levels in strata.items()}, "each factor has a level")
    combined = [", ".join(f"{name} {level}" for name, level in zip(strata, chosen, strict=True)) for chosen in _all(strata)]
    if len(combined) * count > MOST:
        raise DesignError("strata", len(combined), f"{len(combined)} lists of {count} are more than {MOST} allocations")
    return tuple(line for stratum in combined for line in permuted_blocks(key, blocks, count, stratum))


def _all(strata: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    most = math.prod(len(levels) for levels in strata.values())
    if most > MOST:
        raise DesignError("strata", most, f"at most {MOST} strata")
    return list(itertools.product(*strata.values()))


def _block(key: bytes, blocks: Blocks, stratum: str, block: int) -> list[str]:
    total = sum(blocks.arms.values())
    length = blocks.lengths[_below(key, len(blocks.lengths), f"length/{stratum}/{block}")]
    arms = [arm for arm, share in blocks.arms.items() for _ in range(share * length // total)]
    for last in range(length - 1, 0, -1):
        chosen = _below(key, last + 1, f"shuffle/{stratum}/{block}/{last}")
        arms[last], arms[chosen] = arms[chosen], arms[last]
    return arms


def _below(key: bytes, limit: int, purpose: str) -> int:
    """A whole number from 0 to ``limit - 1``, each as likely: draws in the uneven rest are thrown away."""
    fair = (1 << 64) - (1 << 64) % limit
    for attempt in itertools.count():
        drawn = int.from_bytes(hmac.digest(key, f"{purpose}/{attempt}".encode(), hashlib.sha256)[:8], "big")
        if drawn < fair:
            return drawn % limit
    raise AssertionError("draws never end")
