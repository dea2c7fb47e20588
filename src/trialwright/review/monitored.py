"""Says what the computed stopping rules do, where one never stops, and where they are not those of the stated design."""

from __future__ import annotations

from collections.abc import Iterator

from trialwright.designs.chains import operating_characteristics
from trialwright.protocol.compile_designs import read_chance
from trialwright.protocol.model.aims import SampleSize
from trialwright.protocol.study import CompiledMonitoring, Protocol
from trialwright.review.drafting import finding, listed
from trialwright.vocabulary.findings import Finding, Severity

_HARMS = (0.1, 0.2, 0.3, 0.4, 0.5)
_MOST = 2_000  # participants up to which the chain is worked out for a note


def monitored(protocol: Protocol) -> Iterator[Finding]:
    """Yield TW-P092 (not the design's look), TW-P093 (never stops) and TW-P094 (what a rule does)."""
    for rule in protocol.monitoring:
        if not rule.rule.looks:
            detail = f"“{rule.text}”: no count at any of its looks meets the condition."
            ways = ("Later looks", "Another limit", "Drop the rule")
            yield finding("TW-P093", rule.place, f"The monitoring rule `{rule.id}` never stops the trial", detail, ways=ways)
            continue
        told = _does(protocol, rule)
        if told:
            yield finding("TW-P094", rule.place, f"What the monitoring rule `{rule.id}` does", *told)
    yield from _not_the_design_s(protocol)


def _does(protocol: Protocol, rule: CompiledMonitoring) -> list[str]:
    size = protocol.file.sample_size
    rates = _HARMS if rule.event is not None else _rates(size)
    if not rates or rule.rule.most > _MOST:
        return []
    found = operating_characteristics(rule.rule, rule.rule.most, rates)
    stops = (found.stopped_low + found.stopped_high).tolist()
    lead = f"{_bounds(rule)}. Exactly, when every participant is assessed before the next is enrolled:"
    return [lead] + [
        f"· True rate {rate:.6g}: stops with probability {stop:.3f}; {expected:.1f} participants expected."
        for rate, stop, expected in zip(rates, stops, found.expected.tolist(), strict=True)
    ]


def _bounds(rule: CompiledMonitoring) -> str:
    """The bounds in words, looks with the same bounds together."""
    runs: list[tuple[str, int, int]] = []
    for look in rule.rule.looks:
        low, high = int(rule.rule.low[look]), int(rule.rule.high[look])
        told = [f"{low} or fewer"] if low >= 0 else []
        told += [f"{high} or more"] if high <= rule.rule.most else []
        words = " or ".join(told)
        if runs and runs[-1][0] == words:
            runs[-1] = (words, runs[-1][1], look)
        else:
            runs.append((words, look, look))
    parts = [f"{words} of {first if first == last else f'{first} to {last}'}" for words, first, last in runs]
    more = f" and {len(parts) - 6} more bounds" if len(parts) > 6 else ""
    return f"It stops with {listed(parts[:6]) if not more else ', '.join(parts[:6])}{more}"


def _rates(size: SampleSize | None) -> tuple[float, ...]:
    """The rates that the file itself speaks of, as far as they are numbers."""
    found = []
    for text in (size.p0, size.p1) if size is not None else ():
        try:
            found.append(read_chance(text or ""))
        except ValueError:
            continue
    return tuple(rate for rate in found if 0 <= rate <= 1)


def _not_the_design_s(protocol: Protocol) -> Iterator[Finding]:
    size = protocol.file.sample_size
    design = _looks_of(size) if size is not None else {}
    if size is None or not design:
        return
    rules = [rule for rule in protocol.monitoring if rule.event is None]
    told = listed([f"{low} or fewer of {n}" for n, low in design.items()])
    if not rules:
        if not protocol.file.stopping:
            place = protocol.source.place(("sample_size",))
            title = f"Nothing carries out the look of the design `{size.design}`"
            ways: tuple[str, ...] = ("monitoring: …", "stopping: …, where people decide")
            yield finding("TW-P092", place, title, f"The design stops with {told}.", ways=ways, severity=Severity.WARNING)
        return
    carried = {look: int(rule.rule.low[look]) for rule in rules for look in rule.rule.looks if rule.rule.low[look] >= 0}
    last = size.n if size.n is not None else size.planned
    carried.pop(last, None)
    if carried != design:
        has = listed([f"{low} or fewer of {n}" for n, low in sorted(carried.items())]) or "none"
        title = f"The monitoring is not that of the design `{size.design}`"
        detail = f"The design stops with {told}; the rules of responders stop with {has}."
        ways = tuple(f"looks: {n}, stop_if: responders <= {low}" for n, low in design.items())
        yield finding("TW-P092", rules[0].place, title, detail, ways=ways)


def _looks_of(size: SampleSize) -> dict[int, int]:
    """Each interim look of the stated design with the responders at which it stops for futility."""
    if size.design is None:
        return {}
    if size.design.startswith("simon") and size.n1 is not None and size.r1 is not None:
        return {size.n1: size.r1}
    return {stage.n: stage.accept for stage in size.stages[:-1] if stage.accept is not None and stage.accept >= 0}
