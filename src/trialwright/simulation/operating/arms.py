"""Several arms: how many are in each, what the file of chances says of each, and where their random numbers come from.

Each arm is a design of its own, played apart from the others. Where what befalls one arm changes another, nothing is played.
"""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from trialwright.protocol.source import Located, Path, Source
from trialwright.protocol.study import Protocol
from trialwright.simulation.operating.file import Operating
from trialwright.simulation.operating.reading import ARMS, PARTICIPANTS, OperatingReading, validated
from trialwright.vocabulary.findings import Finding, Place, Refused, Severity

ARM, ACCRUAL = "arm", "accrual"
OF_THE_WHOLE = ("trialwright_virtual", "kind", "title", "protocol", "note", ARM, ARMS, "uncertain")
_ADAPTIVE = re.compile(r"adaptive|play.the.winner|bandit|drop.the.loser", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Allocation:
    """Participants of each arm, in the protocol's order; ``words`` says how they come about."""

    sizes: Mapping[str, int]
    words: str

    @property
    def total(self) -> int:
        """Participants of the trial."""
        return sum(self.sizes.values())


def arm_seed(seed: int, arm: str, first: bool) -> int:
    """The seed of one arm: the run's own for the first arm, else the first 8 bytes of SHA-256 of ``seed/arm``, big-endian.

    So the arms draw apart from each other, an arm draws the same whichever others there are, and a trial of one arm is what it
    would be without this.

    >>> arm_seed(1, "placebo", first=True)
    1
    >>> arm_seed(1, "placebo", first=False)
    1561371267262666371
    """
    return seed if first else int.from_bytes(hashlib.sha256(f"{seed}/{arm}".encode()).digest()[:8], "big")


def arms_of(protocol: Protocol, operating: Operating) -> tuple[str, ...]:
    """The arms that are played each for itself; none where one arm is played alone, or the protocol has no more than one."""
    arms = protocol.scope.arms
    return arms if len(arms) > 1 and not operating.arm else ()


def reading_for(protocol: Protocol, reading: OperatingReading, arm: str) -> OperatingReading:
    """The file as it holds for one arm: its part under ``arms`` laid over the rest, with its number of participants.

    Places in findings are those in the file as it was written. The pace of accrual is shared out like the participants, unless
    the arm has its own.

    Raises:
        Refused: Nothing says how many are in the arm (TW-V050), or a part names what only the whole file says (TW-V053).
    """
    assert reading.operating is not None and reading.source is not None
    sizes = allocation(protocol, reading).sizes
    source, own = reading.source, reading.operating.arms.get(arm, {})
    data = {key: value for key, value in copy.deepcopy(source.data).items() if key != ARMS}
    _lay_over(data, copy.deepcopy(own))
    data[ARM], data[PARTICIPANTS] = arm, sizes[arm]
    if isinstance(data.get(ACCRUAL), dict) and "per_month" not in own.get(ACCRUAL, {}):
        _share_pace(data[ACCRUAL], Fraction(sizes[arm], max(1, sum(sizes.values()))))
    return validated(Source(source.file, data, dict(_located(source, arm)), source.folded))


def _lay_over(below: dict[str, Any], above: Mapping[str, Any]) -> None:
    for key, value in above.items():
        if value is None:
            below.pop(key, None)
        elif isinstance(value, dict) and isinstance(below.get(key), dict):
            _lay_over(below[key], value)
        else:
            below[key] = value


def _share_pace(accrual: Any, share: Fraction) -> None:
    pace = accrual.get("per_month")
    if isinstance(pace, dict) and isinstance(pace.get("value"), (int, Decimal)):
        whole = Fraction(pace["value"]) * share
        pace["value"] = Decimal(whole.numerator) / Decimal(whole.denominator)


def _located(source: Source, arm: str) -> Iterator[tuple[Path, Located]]:
    """Where each value stands: what an arm says of itself comes last, and so hides what it is laid over."""
    own = (ARMS, arm)
    yield from ((path, at) for path, at in source.located.items() if path[:1] != (ARMS,))
    yield from ((path[2:], at) for path, at in source.located.items() if path[:2] == own and len(path) > 2)


def allocation(protocol: Protocol, reading: OperatingReading) -> Allocation:
    """Share out the participants: an arm's own number where it has one, the rest by the ratio of the randomization.

    What the ratio leaves over goes to the arms with the largest fractions, the earlier arm first.

    Raises:
        Refused: TW-V050, TW-V053.
    """
    assert reading.operating is not None and reading.source is not None
    _check_blocks(protocol, reading.operating, reading.source)
    arms = arms_of(protocol, reading.operating)
    stated = {arm: one[PARTICIPANTS] for arm, one in reading.operating.arms.items() if one.get(PARTICIPANTS) is not None}
    for arm, number in stated.items():
        if not isinstance(number, int) or number < 1:
            raise _refuse(
                "TW-V003", reading.source.place((ARMS, arm, PARTICIPANTS)), "A whole number above 0 is wanted", f"{number}"
            )
    shares = {arm: share for arm, share in _ratio(protocol).items() if arm not in stated}
    unknown = [arm for arm in arms if arm not in stated and arm not in shares]
    if unknown:
        detail = "The protocol does not randomize to it by a ratio, and the file gives it no number."
        way = f"arms: {{{unknown[0]}: {{participants: 25}}}}"
        raise _refuse("TW-V050", reading.source.place((ARMS,)), f"Nothing says how many are in `{unknown[0]}`", detail, way)
    left = _total(protocol, reading.operating) - sum(stated.values())
    if shares and left < len(shares):
        detail = f"{max(0, left)} participants are left for {', '.join(shares)}."
        place = reading.source.place((PARTICIPANTS,))
        raise _refuse("TW-V050", place, "There are fewer participants than arms", detail, "participants: 40")
    dealt = {**_dealt(left, shares), **stated} if shares else dict(stated)
    return Allocation({arm: dealt[arm] for arm in arms}, _words(protocol, shares, left, stated))


def _dealt(total: int, shares: Mapping[str, int]) -> dict[str, int]:
    whole = sum(shares.values())
    parts = {arm: Fraction(total * share, whole) for arm, share in shares.items()}
    found = {arm: int(part) for arm, part in parts.items()}
    by_rest = sorted(parts, key=lambda arm: (found[arm] - parts[arm], list(parts).index(arm)))
    for arm in by_rest[: total - sum(found.values())]:
        found[arm] += 1
    return found


def _words(protocol: Protocol, shares: Mapping[str, int], left: int, stated: Mapping[str, int]) -> str:
    told = []
    if shares:
        ratio = ":".join(str(share) for share in shares.values())
        over = left % sum(shares.values())
        rest = "; what is left over goes to the largest fractions, the earlier arm first" if over else ""
        told.append(f"{left} participants by the ratio {ratio}{rest}")
    if stated:
        told.append("as the file says: " + ", ".join(f"{arm} {number}" for arm, number in stated.items()))
    method = protocol.file.randomization
    exact = f" (exactly; “{method.method}” would come near it)" if method is not None and shares else ""
    return "; ".join(told) + exact


def _total(protocol: Protocol, operating: Operating) -> int:
    size, enrollment = protocol.file.sample_size, protocol.file.study.enrollment
    plans = size.planned if size is not None else enrollment.count if enrollment is not None else 0
    return operating.participants if operating.participants is not None else plans


def _ratio(protocol: Protocol) -> dict[str, int]:
    """Shares by arm, of those that are randomized to; empty without a randomization."""
    planned = protocol.file.randomization
    if planned is None:
        return {}
    arms = planned.arms or protocol.scope.arms
    parts = [part.strip() for part in planned.ratio.split(":")]
    if len(parts) != len(arms) or not all(part.isdecimal() and int(part) > 0 for part in parts):
        detail = f"It is for {', '.join(arms)}."
        place = protocol.source.place(("randomization", "ratio"))
        raise _refuse("TW-V050", place, f"The ratio `{planned.ratio}` cannot be read", detail, ":".join("1" for _ in arms))
    return dict(zip(arms, (int(part) for part in parts), strict=True))


def _check_blocks(protocol: Protocol, operating: Operating, source: Source) -> None:
    for arm, own in operating.arms.items():
        if arm not in protocol.scope.arms:
            detail = f"Arms: {', '.join(protocol.scope.arms) or 'none'}."
            raise _refuse("TW-V053", source.place((ARMS, arm)), f"The protocol has no arm `{arm}`", detail, *protocol.scope.arms)
        for key in own:
            if key in OF_THE_WHOLE:
                detail = f"`{key}` belongs to the whole file."
                raise _refuse("TW-V053", source.place((ARMS, arm, key)), f"An arm cannot have a `{key}` of its own", detail)


def check_apart(protocol: Protocol, source: Source) -> None:
    """Refuse a trial whose arms hang on each other: they cannot be played apart (TW-V049)."""
    ways = tuple(f"arm: {arm}" for arm in protocol.scope.arms[:2])
    for path, title, detail in _hanging(protocol):
        place = protocol.source.place(path)
        more = f"{detail} One arm can be played alone: put `{ways[0]}` into {source.file}."
        raise _refuse("TW-V049", place, title, more, *ways)


def _hanging(protocol: Protocol) -> Iterator[tuple[Path, str, str]]:
    file, randomization = protocol.file, protocol.file.randomization
    if protocol.escalation is not None:
        detail = "What one cohort is given depends on the toxicities of another."
        yield ("escalation",), "Cohorts hang on each other", detail
    if protocol.monitoring:
        names = ", ".join(one.id for one in protocol.monitoring)
        detail = f"What is seen in all arms together ends enrolment by: {names}."
        yield ("monitoring",), "A rule looks at all arms together", detail
    if file.sample_size is not None and file.sample_size.interim is not None:
        yield ("sample_size", "interim"), "Looks compare the arms on the way", "A boundary that is crossed ends all arms."
    if randomization is not None and _ADAPTIVE.search(randomization.method):
        detail = f"By `{randomization.method}` the outcomes of one arm change how many are in another."
        yield ("randomization", "method"), "The allocation follows the outcomes", detail


def _refuse(code: str, place: Place, title: str, detail: str, *ways_out: str) -> Refused:
    return Refused((Finding(code, Severity.ERROR, place, title, detail, ways_out),))
