"""Counting as source: what is added to the tally for a participant and for a trial. ``counting`` does the same from paths."""

from __future__ import annotations

from trialwright.simulation.operating.accruing import ARRIVAL, ARRIVAL_WORD, SITE_WORD
from trialwright.simulation.operating.kernel.plan import Plan
from trialwright.simulation.operating.kernel.policy import Lines, branch, indented
from trialwright.simulation.operating.kernel.steps import coded, looked_up
from trialwright.simulation.operating.tally import (
    ACCRUAL_BIN_DAYS,
    ACCRUAL_BINS,
    LARGEST_CROSS,
    LARGEST_JOINT,
    MOST_HOLDS,
    MOST_WEEKS,
)

TABLES = (
    "seen", "confirmed", "at_level", "when", "when_confirmed", "moves", "weeks_at", "weeks_on", "intensity", "holds", "left",
    "ended", "last_level", "enrolled", "stopped_by", "responders", "worst", "begun", "duration", "accrual", "sites",
)  # fmt: skip


def table_names(plan: Plan) -> tuple[str, ...]:
    """The tables whose places a kernel is told, in order; those of traits and events follow the plain ones."""
    design = plan.design
    of_traits = [f"{kind}/{trait.name}" for trait in design.traits for kind in ("seen", "confirmed", "when", "cross")]
    return (*TABLES, *(of_traits if design.goal is not None else ()), *(f"worst/{one.name}" for one in design.events))


def local(table: str, plan: Plan) -> str:
    """The local name of a table's place."""
    names = table_names(plan)
    return f"o_{table}" if table in TABLES else f"o_{names.index(table)}"


def counters(plan: Plan) -> Lines:
    """Places of the tables, and the arrays that a participant or a trial is counted in."""
    lines = [f"{local(name, plan)} = AT[{index}]" for index, name in enumerate(table_names(plan))]
    lines += ["wide = n + 1", f"DAYS_AT = np.zeros({plan.design.levels + 2}, np.int64)"]
    lines.append(f"AT_LEVEL = np.zeros({plan.design.levels + 1}, np.int64)")
    for index, trait in enumerate(plan.design.traits):
        lines += [f"{kind}_{index} = np.zeros({len(trait.codes)}, np.int64)" for kind in ("HAS", "SEES", "CONF")]
    if plan.design.sites:
        lines.append(f"AT_SITE = np.zeros({len(plan.design.sites)}, np.int64)")
    longest = len(plan.design.visits.on) + len(plan.design.visits.before)
    for name in sorted(plan.used):
        if name.startswith("hn"):
            lines += [f"hv{name[2:]} = np.zeros({longest}, np.float64)", f"hd{name[2:]} = np.zeros({longest}, np.int64)"]
    return lines


def reset_trial(plan: Plan) -> Lines:
    """Begin a trial."""
    lines = ["trial_seen = 0", "trial_confirmed = 0", "trial_harmed = 0", "AT_LEVEL[:] = 0"]
    for index in range(len(plan.design.traits)):
        lines += [f"{kind}_{index}[:] = 0" for kind in ("HAS", "SEES", "CONF")]
    return [*lines, "arrived = 0.0", "trial_end = 0", "AT_SITE[:] = 0"] if plan.design.sites else lines


def of_the_participant(plan: Plan) -> Lines:
    """Count one participant."""
    lines = ["T[o_ended + ended] += 1", *branch("left >= 0", ["T[o_left + left] += 1"])]
    lines += [f"T[o_last_level + (level if level >= 0 else {plan.design.levels})] += 1"]
    lines += _exposure(plan)
    for rule in plan.can_hold:
        lines += [f"if n{rule} > 0:", f"    T[o_holds + {rule} * {MOST_HOLDS + 1} + min(n{rule}, {MOST_HOLDS})] += 1"]
    lines += _events(plan)
    if plan.design.goal is not None:
        lines += _response(plan)
    for index in range(len(plan.design.traits)):
        lines.append(f"HAS_{index}[t{index}] += 1")
    if plan.design.sites:
        lines += _arrival(plan)
    if plan.trace:
        lines += _trace(plan)
    return [*lines, *_monitoring(plan)]


def _exposure(plan: Plan) -> Lines:
    levels, design = plan.design.levels, plan.design
    longest = design.visits.end_day // 7 + 2
    whole = float(design.regimen.levels[-1]) * design.visits.end_day
    lines = ["on_drug = 0", "total = 0.0"]
    for level, dose in enumerate(design.regimen.levels):
        lines += [
            f"at = DAYS_AT[{level}]",
            "on_drug += at",
            f"total = total + {float(dose)} * at",
            f"T[o_weeks_at + {level * longest} + at // 7] += 1",
            f"DAYS_AT[{level}] = 0",
        ]
    lines += [f"DAYS_AT[{levels}] = 0", "T[o_weeks_on + on_drug // 7] += 1"]
    return [*lines, f"T[o_intensity + floor(100.0 * total / {whole!r} + 0.5)] += 1"]


def _events(plan: Plan) -> Lines:
    lines: Lines = []
    live = [index for index, one in enumerate(plan.design.events) if plan.live(f"event/{one.name}")]
    if not live:
        return []
    worst = f"wg{live[0]}"
    for index in live[1:]:
        worst = f"max({worst}, wg{index})"
    lines += [f"worst = {worst}", "if worst > 0:", "    T[o_worst + worst] += 1", "    trial_harmed += 1 if worst >= 3 else 0"]
    for index in live:
        place = local(f"worst/{plan.design.events[index].name}", plan)
        lines.append(f"    T[{place} + wg{index}] += 1 if wg{index} > 0 else 0")
    return lines


def _response(plan: Plan) -> Lines:
    seen = ["trial_seen += 1", "T[o_when + seen] += 1", "AT_LEVEL[seen_at] += 1"]
    confirmed = ["trial_confirmed += 1", "T[o_when_confirmed + confirmed] += 1"]
    visits = len(plan.design.visits.on)
    for index, trait in enumerate(plan.design.traits):
        place = local(f"when/{trait.name}", plan)
        seen += [f"SEES_{index}[t{index}] += 1", f"T[{place} + t{index} * {visits} + seen] += 1"]
        confirmed.append(f"CONF_{index}[t{index}] += 1")
    return ["if seen >= 0:", *indented(seen), "if confirmed >= 0:", *indented(confirmed)]


def _arrival(plan: Plan) -> Lines:
    bins = f"min(arrival // {ACCRUAL_BIN_DAYS}, {ACCRUAL_BINS - 1})"
    return [
        "if p > 0:",
        *indented([*looked_up("gap", "N['gap']", plan.once(ARRIVAL, ARRIVAL_WORD)), "arrived += gap"]),
        "arrival = floor(arrived)",
        f"T[o_accrual + p * {ACCRUAL_BINS} + {bins}] += 1",
        "trial_end = max(trial_end, arrival + last)",
        *coded("site", "C['site']", len(plan.design.sites), plan.once(ARRIVAL, SITE_WORD)),
        "AT_SITE[site] += 1",
    ]


def _trace(plan: Plan) -> Lines:
    lines = [f"TR_TRAITS[person, {index}] = t{index}" for index in range(len(plan.design.traits))]
    lines += [f"TR_HOLDS[person, {rule}] = n{rule}" for rule in plan.can_hold]
    names = ("seen", "confirmed", "left", "ended")
    return [*lines, *(f"TR_ENDS[person, {index}] = {name}" for index, name in enumerate(names))]


def _monitoring(plan: Plan) -> Lines:
    """After each participant, ask the rules of the trial as a whole; the first that stops decides."""
    goal = plan.design.goal
    responders = "trial_confirmed" if goal is not None and goal.confirmed else "trial_seen"
    return [
        "stops = False",
        "for k in range(MON_LOW.shape[0]):",
        f"    counted = {responders} if MON_KIND[k] == 0 else trial_harmed",
        "    if counted <= MON_LOW[k, p + 1] or counted >= MON_HIGH[k, p + 1]:",
        "        how = 1 + 2 * k + (0 if counted <= MON_LOW[k, p + 1] else 1)",
        "        enrolled = p + 1",
        "        stops = True",
        "        break",
        "if stops:",
        "    break",
    ]


def of_the_trial(plan: Plan) -> Lines:
    """Count one trial."""
    lines = ["T[o_enrolled + enrolled] += 1", "T[o_stopped_by + how] += 1"]
    if plan.design.goal is not None:
        lines += ["T[o_seen + trial_seen] += 1", "T[o_confirmed + trial_confirmed] += 1"]
        responders = "trial_confirmed" if plan.design.goal.confirmed else "trial_seen"
        lines += ["if o_responders >= 0:", f"    T[o_responders + enrolled * wide + {responders}] += 1"]
        lines += [f"for k in range({plan.design.levels + 1}):", "    T[o_at_level + k * wide + AT_LEVEL[k]] += 1"]
        for index, trait in enumerate(plan.design.traits):
            lines += _by_trait(plan, index, trait.name, len(trait.codes))
    if plan.design.sites:
        lines += [f"T[o_duration + min(trial_end // 7, {MOST_WEEKS})] += 1"]
        lines += [f"for k in range({len(plan.design.sites)}):", "    T[o_sites + k * wide + AT_SITE[k]] += 1"]
    return lines


def _by_trait(plan: Plan, index: int, name: str, codes: int) -> Lines:
    seen, confirmed, cross = (local(f"{kind}/{name}", plan) for kind in ("seen", "confirmed", "cross"))
    joint = [
        f"for k in range({codes}):",
        f"    T[{seen} + (k * wide + HAS_{index}[k]) * wide + SEES_{index}[k]] += 1",
        f"    T[{confirmed} + (k * wide + HAS_{index}[k]) * wide + CONF_{index}[k]] += 1",
    ]
    lines = [f"if n <= {LARGEST_JOINT}:", *indented(joint)]
    if codes == 2:
        lines += [
            f"if n <= {LARGEST_CROSS}:",
            f"    T[{cross} + (HAS_{index}[0] * wide + CONF_{index}[0]) * wide + trial_confirmed] += 1",
        ]
    return lines
