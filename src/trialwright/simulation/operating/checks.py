"""What makes a protocol and a file of operating characteristics unfit for each other, at the place in the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from trialwright.protocol.expressions import Kind
from trialwright.protocol.source import Source
from trialwright.protocol.study import CompiledRegimen, Protocol
from trialwright.simulation.operating import file as given
from trialwright.simulation.operating.design import Design
from trialwright.simulation.operating.file import DOSE, NONE, RESPONSE, Operating
from trialwright.simulation.operating.visits import MOST_VISITS
from trialwright.vocabulary.findings import Finding, Place, Severity
from trialwright.vocabulary.units import UnitError, conversion_factor, parse_unit

PROTOCOL = "protocol"


class Found:
    """The findings so far; a path is dotted and counts in the virtual file, or is ``protocol``."""

    def __init__(self, source: Source, protocol_file: str) -> None:
        self.source, self.protocol_file = source, protocol_file
        self.findings: list[Finding] = []

    def add(self, code: str, severity: Severity, path: str, title: str, detail: str, *ways_out: str) -> None:
        """Add a finding."""
        steps = tuple(step for step in path.split(".") if step)
        place = Place(self.protocol_file) if path == PROTOCOL else self.source.place(steps)
        self.findings.append(Finding(code, severity, place, title, detail, ways_out))

    def error(self, code: str, path: str, title: str, detail: str, *ways_out: str) -> None:
        """Add an error."""
        self.add(code, Severity.ERROR, path, title, detail, *ways_out)


def check_protocol(protocol: Protocol, operating: Operating, found: Found) -> CompiledRegimen | None:
    """Return the one dosing policy that is played; None, with findings, where there is not one."""
    if protocol.id != operating.protocol:
        detail = f"The file is for `{operating.protocol}`, the protocol is `{protocol.id}`; it is played as far as names agree."
        found.add("TW-V014", Severity.WARNING, "protocol", "The file was made for another protocol", detail)
    arms = protocol.scope.arms
    if operating.arm and operating.arm not in arms:
        found.error("TW-V013", "arm", f"The protocol has no arm `{operating.arm}`", f"Arms: {', '.join(arms)}.", *arms)
        return None
    if len(arms) > 1 and not operating.arm:
        found.error("TW-V022", "arm", "The file does not say which arm is played", f"Arms: {', '.join(arms)}.", *arms)
        return None
    if protocol.file.escalation is not None:
        detail = "What one cohort is given depends on another's toxicities; here each participant is treated alone."
        found.error("TW-V022", PROTOCOL, "An escalation by cohorts cannot be simulated yet", detail)
    if operating.participants is None and planned(protocol) < 1:
        detail = "The protocol plans no number."
        found.error("TW-V022", "participants", "Nothing says how many are enrolled", detail, "participants: 25")
    for encounter in protocol.encounters:
        if len(encounter.occurrences) > MOST_VISITS:
            detail = f"The visit `{encounter.id}` comes {len(encounter.occurrences)} times; a course ends after {MOST_VISITS}."
            found.error("TW-V023", PROTOCOL, "Treatment need not end", detail, "course: 52 weeks from first dose")
    return _regimen(protocol, operating.arm or (arms[0] if arms else ""), found)


def _regimen(protocol: Protocol, arm: str, found: Found) -> CompiledRegimen | None:
    """The one dosing policy of an arm that is played; what never changes its dose is left as it is given, and told."""
    own = received(protocol, arm)
    titrated = [one for one in own if changes(one)]
    given = f"Everybody in this arm receives: {', '.join(one.intervention for one in own) or 'nothing that is dosed'}."
    if len(titrated) > 1:
        names = ", ".join(one.intervention for one in titrated)
        detail = f"{given} Here one policy is played at a time; these change with what is seen: {names}."
        found.error("TW-V022", PROTOCOL, "Two dosing policies in one arm cannot be played together", detail)
        return None
    if not own:
        found.error("TW-V022", PROTOCOL, "There is not one dosing policy to play", given)
        return None
    played = titrated[0] if titrated else own[0]
    others = [one.intervention for one in own if one is not played]
    if others:
        detail = f"{given} Of these `{played.intervention}` is played."
        title = f"Left as given: {', '.join(others)}"
        found.add("TW-V051", Severity.NOTE, PROTOCOL, title, f"{detail} The others have a dose that no rule changes.")
    if played.start_day != 1 and protocol.day_1 == "first dose":
        detail = f"`{played.intervention}` starts on day {played.start_day} after the first dose of something else."
        found.error("TW-V022", PROTOCOL, "Treatment does not start on day 1", f"{detail} What comes before is not played here.")
    return played


def received(protocol: Protocol, arm: str) -> list[CompiledRegimen]:
    """The dosing policies of an arm, as it receives them."""
    return [own for one in protocol.regimens.values() if (own := one.for_arm(arm)) is not None]


def changes(regimen: CompiledRegimen) -> bool:
    """Whether any rule can do something else than give the same dose again."""
    return any(rule.action.kind not in ("same", "no increase") for rule in regimen.rules)


def planned(protocol: Protocol) -> int:
    """How many participants a protocol plans; 0 where it does not say."""
    size, enrollment = protocol.file.sample_size, protocol.file.study.enrollment
    return size.planned if size is not None else enrollment.count if enrollment is not None else 0


def check_names(protocol: Protocol, operating: Operating, found: Found) -> None:
    """Check every name that the file takes from the protocol or from its own traits."""
    _check_sites(protocol, operating, found)
    own = operating.response
    if own is not None:
        categories = protocol.scope.responses.get(own.of)
        if categories is None:
            found.error("TW-V013", "response.of", f"The protocol has no response `{own.of}`", "", *protocol.scope.responses)
        elif own.category not in categories:
            detail = f"`{own.of}` has: {', '.join(categories)}."
            found.error("TW-V013", "response.category", f"There is no category `{own.category}`", detail, *categories)
    names = list(operating.traits)
    for index, (name, trait) in enumerate(operating.traits.items()):
        if trait.by is not None and trait.by not in names[:index]:
            found.error("TW-V010", f"traits.{name}.by", f"No earlier trait is called `{trait.by}`", "", *names[:index])
        elif trait.by is not None:
            _whole(f"traits.{name}.choice", trait.choice, trait.by, operating, found)
    for name in operating.records:
        if name not in protocol.scope.variables or name in protocol.derivations:
            reason = "It is derived." if name in protocol.derivations else f"The protocol has no variable `{name}`."
            found.add("TW-V014", Severity.NOTE, f"records.{name}", f"The record of `{name}` is not used", reason)
    for path, by, values in _tables(operating):
        _check_by(path, by, values, operating, protocol, found)


def _tables(operating: Operating) -> Iterable[tuple[str, tuple[str, ...], Any]]:
    """Every table of the file with its path and what it is by."""
    for name in ("response", "leaves", "missed", "declines"):
        rate: given.Rate | None = getattr(operating, name)
        if rate is not None:
            yield name, rate.by, rate.value
    if operating.response is not None and operating.response.lost is not None:
        yield "response.lost", operating.response.lost.by, operating.response.lost.value
    if operating.response is not None:
        yield "response.at_dose", (DOSE,) if operating.response.at_dose else (), operating.response.at_dose
    for name, event in operating.events.items():
        yield f"events.{name}", event.by, event.value
    for name, limit in operating.limits.items():
        yield f"limits.{name}", limit.by, limit.value
    for name, record in operating.records.items():
        match record:
            case given.Fixed():
                yield f"records.{name}", record.by, record.value
            case given.Amount():
                yield f"records.{name}", record.by, record.centre
                yield f"records.{name}.at_dose", (DOSE,) if record.at_dose else (), record.at_dose
            case _:
                pass


def _check_by(path: str, by: tuple[str, ...], values: Any, operating: Operating, protocol: Protocol, found: Found) -> None:
    traits = [name for name in by if name not in (DOSE, RESPONSE)]
    unknown = [name for name in traits if name not in operating.traits]
    for name in unknown:
        found.error("TW-V010", path, f"No trait is called `{name}`", "", *operating.traits, DOSE)
    if len(traits) > 1:
        found.error("TW-V010", path, "A number depends on one trait at most", f"These are: {', '.join(traits)}.")
    if unknown or len(traits) > 1:
        return
    level = [values]
    for name in by:
        for table in level:
            _whole(path, table, name, operating, found, protocol)
        level = [part for table in level for part in table.values()]


def _whole(
    path: str, table: Mapping[str, Any], by: str, operating: Operating, found: Found, protocol: Protocol | None = None
) -> None:
    """Find fault with a table that leaves out a key, or has one too many."""
    keys, optional = _keys(by, operating, protocol)
    absent = [key for key in keys if key not in table and not path.endswith("at_dose")]
    extra = [key for key in table if key not in keys and key not in optional]
    if absent or extra:
        told = [f"no value stands for {', '.join(absent)}" if absent else "", f"{', '.join(extra)} is none" if extra else ""]
        detail = f"`{by}` has: {', '.join(keys)}; {'; '.join(one for one in told if one)}."
        found.error("TW-V010", path, f"The table does not fit `{by}`", detail, *absent)


def _keys(by: str, operating: Operating, protocol: Protocol | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys of a table, and those that it may have besides."""
    if by == DOSE and protocol is not None:
        own = received(protocol, operating.arm)
        levels = next((one.levels for one in [*filter(changes, own), *own]), ())
        return tuple(f"{level.normalize():f}" for level in levels), ("0",)
    if by == RESPONSE:
        return (NONE, operating.response.category) if operating.response is not None else (NONE,), ()
    tables = operating.traits[by].tables
    return tuple(dict.fromkeys(code for one in tables for code in one)), ()


def check_codes(design: Design, operating: Operating, found: Found) -> None:
    """Check that values are of their variable's kind, and units fit."""
    for plan in design.variables:
        record, path = operating.records[plan.name], f"records.{plan.name}"
        match record:
            case given.Fixed():
                _check_values(plan.type.kind, plan.type.codes, record, path, found)
                if record.unit is not None:
                    _check_unit(record.unit, plan.type.unit, path, found)
            case given.OfTrait():
                mapped = [record.codes.get(code, code) for code in design.traits[plan.trait].codes]
                strange = [code for code in mapped if code not in plan.type.codes]
                if plan.type.kind is not Kind.CODE or strange:
                    detail = f"`{plan.name}` has the codes: {', '.join(plan.type.codes) or 'none'}."
                    found.error("TW-V013", path, f"{', '.join(strange) or plan.name} is no code of `{plan.name}`", detail)
            case given.Amount():
                _check_unit(record.unit, plan.type.unit, path, found)
                if plan.type.kind not in (Kind.QUANTITY, Kind.DURATION):
                    found.error("TW-V013", path, f"`{plan.name}` is no amount", f"It is a {plan.type.kind.value}.")
            case given.Flag():
                if plan.type.kind is not Kind.FLAG:
                    found.error("TW-V013", path, f"`{plan.name}` is no flag", f"It is a {plan.type.kind.value}.")
    for name, limit in operating.limits.items():
        kind = design.protocol.scope.variables.get(name)
        if kind is None:
            found.add("TW-V014", Severity.NOTE, f"limits.{name}", f"The protocol has no variable `{name}`", "It is not used.")
        else:
            _check_unit(limit.unit, kind.unit, f"limits.{name}", found)


def _check_values(kind: Kind, codes: tuple[str, ...], record: given.Fixed, path: str, found: Found) -> None:
    for value in _leaves(record.value):
        fits = {
            Kind.QUANTITY: not isinstance(value, (bool, str, list)),
            Kind.DURATION: not isinstance(value, (bool, str, list)),
            Kind.FLAG: isinstance(value, bool),
            Kind.CODE: isinstance(value, str) and value in codes,
            Kind.SET: isinstance(value, list) and all(one in codes for one in value),
        }.get(kind, False)
        if not fits:
            detail = f"It is a {kind.value}; its codes: {', '.join(codes) or 'none'}."
            found.error("TW-V013", path, f"`{value}` is no value of it", detail)


def _leaves(value: Any) -> list[Any]:
    return [leaf for part in value.values() for leaf in _leaves(part)] if isinstance(value, dict) else [value]


def _check_unit(text: str, wanted: Any, path: str, found: Found) -> None:
    if wanted is None:
        return
    try:
        conversion_factor(parse_unit(text), wanted)
    except UnitError as error:
        found.error("TW-V011", path, f"The unit {text} does not fit", f"{error.reason}.", wanted.code)


def _check_sites(protocol: Protocol, operating: Operating, found: Found) -> None:
    """No simulated result may stand under a real site's name."""
    real = {text.casefold() for site in protocol.file.study.sites for text in (site.id, site.name, site.city) if text}
    for name in operating.accrual.sites if operating.accrual is not None else ():
        if name.casefold() in real or "simulated" not in name.casefold():
            detail = "Nothing simulated stands under the name of a real place."
            found.error("TW-V017", "accrual.sites", f"`{name}` does not say that it is simulated", detail, "Simulated site 1")
