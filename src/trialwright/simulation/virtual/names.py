"""Checks a file of virtual people in itself: every name refers to something, every number is in the unit that it is used in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from trialwright.protocol.problems import Problems
from trialwright.protocol.source import Path
from trialwright.simulation.virtual import records as how
from trialwright.simulation.virtual.model import Amount, Choice, Parameter, Virtual
from trialwright.vocabulary.units import Unit, UnitError, conversion_factor, parse_unit

SITE = "site"


def check_names(virtual: Virtual, problems: Problems) -> None:
    """Add a finding for every name that refers to nothing (TW-V010) and every unit that does not fit (TW-V011)."""
    _check_traits(virtual, problems)
    for drug, exposure in virtual.exposure.items():
        path: Path = ("exposure", drug)
        _amount(virtual, exposure.clearance, (*path, "clearance"), "L/h", problems)
        _amount(virtual, exposure.volume, (*path, "volume"), "L", problems)
        _in_unit(exposure.molar_mass.unit, (*path, "molar_mass", "unit"), "g/mol", problems)
    _check_markers(virtual, problems)
    for name, record in virtual.records.items():
        _check_record(virtual, record, ("records", name), problems)
    _check_rest(virtual, problems)


def _check_traits(virtual: Virtual, problems: Problems) -> None:
    earlier: dict[str, tuple[str, ...]] = {SITE: virtual.accrual.sites}
    for name, trait in virtual.traits.items():
        path: Path = ("traits", name)
        tables = trait.choice if isinstance(trait, Choice) else trait.centre
        if trait.by is not None:
            _by(trait.by, tables, earlier, (*path, "by"), problems)  # type: ignore[arg-type]  # nested or a table, as `by` says
        if isinstance(trait, Choice):
            earlier[name] = tuple(dict.fromkeys(code for table in trait.tables for code in table))
    for index, planted in enumerate(virtual.planted):
        for name, value in planted.traits.items():
            path = ("planted", index, "traits", name)
            known = earlier.get(name)
            if name not in virtual.traits:
                problems.unknown(path, "trait", name, virtual.traits)
            elif known is not None and value not in known:
                problems.unknown(path, "code", str(value), known)
            elif known is None and isinstance(value, str):
                problems.add("TW-V003", path, f"`{name}` is an amount", f"`{value}` is no number.")


def _by(by: str, table: Mapping[str, object], choices: Mapping[str, tuple[str, ...]], path: Path, problems: Problems) -> None:
    codes = choices.get(by)
    if codes is None:
        problems.unknown(path, "earlier choice among the traits", by, choices)
        return
    for code in table:
        if code not in codes:
            problems.unknown(path, f"code of `{by}`", code, codes)
    absent = [code for code in codes if code not in table]
    if absent:
        detail = f"`{by}` has the codes {', '.join(codes)}; no value stands for {', '.join(absent)}."
        problems.add("TW-V010", path, f"A code of `{by}` has no value", detail)


def _choices(virtual: Virtual) -> dict[str, tuple[str, ...]]:
    found = {SITE: virtual.accrual.sites}
    for name, trait in virtual.traits.items():
        if isinstance(trait, Choice):
            found[name] = tuple(dict.fromkeys(code for table in trait.tables for code in table))
    return found


def _amount(virtual: Virtual, name: str | None, path: Path, unit: str, problems: Problems) -> None:
    if name is None:
        return
    trait = virtual.traits.get(name)
    if trait is None:
        problems.unknown(path, "trait", name, virtual.traits)
    elif not isinstance(trait, Amount):
        problems.add("TW-V010", path, f"`{name}` is no amount", f"An amount in {unit or 'some unit'} is wanted here.")
    elif unit:
        _in_unit(trait.unit, ("traits", name, "unit"), unit, problems)


def _in_unit(given: str, path: Path, wanted: str, problems: Problems) -> None:
    """Find fault with a unit that is not the wanted one (spelled as you like)."""
    found = unit_of(given, path, problems)
    if found is None:
        return
    try:
        same = conversion_factor(found, parse_unit(wanted)) == 1
    except UnitError:
        same = False
    if not same:
        problems.add("TW-V011", path, f"The unit {given} does not fit", f"The model reads this number in {wanted}.", wanted)


def unit_of(text: str, path: Path, problems: Problems) -> Unit | None:
    """Read a unit, or add the finding that it is none (TW-V011)."""
    try:
        return parse_unit(text)
    except UnitError as error:
        problems.add("TW-V011", path, f"`{text}` is no unit", f"{error.reason}.", *error.suggestions)
        return None


def _check_markers(virtual: Virtual, problems: Problems) -> None:
    choices = _choices(virtual)
    for name, marker in virtual.markers.items():
        path: Path = ("markers", name)
        _amount(virtual, marker.start, (*path, "start"), "", problems)
        start = virtual.traits.get(marker.start)
        _amount(virtual, marker.normal, (*path, "normal"), start.unit if isinstance(start, Amount) else "", problems)
        _amount(virtual, marker.rate_trait, (*path, "rate_trait"), "/d", problems)
        _amount(virtual, marker.half_effect, (*path, "half_effect"), "nmol/L", problems)
        if marker.rate is not None:
            _in_unit(marker.rate.unit, (*path, "rate", "unit"), "/d", problems)
        if marker.drug is not None and marker.drug not in virtual.exposure:
            problems.unknown((*path, "drug"), "drug under `exposure`", marker.drug, virtual.exposure)
        for field in ("rate", "hill", "most", "noise"):
            parameter: Parameter | None = getattr(marker, field)
            if parameter is not None and parameter.by is not None:
                _by(parameter.by, parameter.value, choices, (*path, field, "by"), problems)  # type: ignore[arg-type]  # a table, as `by` says
        if marker.after_stop is not None:
            _amount(virtual, marker.after_stop.days, (*path, "after_stop", "days"), "d", problems)
            back = marker.after_stop.comes_back
            if set(choices.get(back, ())) != {"yes", "no"}:
                detail = "It says whether a suppressed marker comes back: a choice of `yes` and `no`."
                problems.add("TW-V010", (*path, "after_stop", "comes_back"), f"`{back}` is no such trait", detail)


def _check_record(virtual: Virtual, record: how.Record, path: Path, problems: Problems) -> None:
    match record:
        case how.OfTrait():
            _known((record.trait,), virtual.traits, "trait", path, problems)
        case how.OfMarker() | how.Grade():
            _known((record.marker,), virtual.markers, "marker", path, problems)
        case how.Total():
            _known(record.of, virtual.markers, "marker", path, problems)
        case how.Share():
            _known((record.marker, *record.of), virtual.markers, "marker", path, problems)
        case how.Clearing():
            _known((record.marker,), virtual.markers, "marker", path, problems)
            _amount(virtual, record.days, (*path, "days"), "d", problems)
            codes = _choices(virtual).get(record.trait)
            if codes is None or record.present not in codes:
                problems.unknown((*path, "trait"), "choice with this code", record.trait, _choices(virtual))
        case how.Several() if record.by is not None:
            _by(record.by, record.chances, _choices(virtual), (*path, "by"), problems)
        case _:
            pass


def _known(names: Iterable[str], among: Iterable[str], what: str, path: Path, problems: Problems) -> None:
    for name in names:
        if name not in among:
            problems.unknown(path, what, name, among)


def _check_rest(virtual: Virtual, problems: Problems) -> None:
    for name, limit in virtual.limits.items():
        if limit.by is not None:
            _by(limit.by, limit.value, _choices(virtual), ("limits", name, "by"), problems)  # type: ignore[arg-type]  # a table, as `by` says
    if virtual.harms is not None and virtual.harms.drug not in virtual.exposure:
        problems.unknown(("harms", "drug"), "drug under `exposure`", virtual.harms.drug, virtual.exposure)
    if virtual.habits.mistyped_variable not in virtual.records:
        problems.unknown(
            ("habits", "mistyped_variable"), "variable under `records`", virtual.habits.mistyped_variable, virtual.records
        )
