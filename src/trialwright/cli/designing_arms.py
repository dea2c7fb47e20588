"""``trialwright design``: boundaries, comparisons of two arms, and randomization lists. Reads no protocol and no trial."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

import click

from trialwright.cli.designing import (
    beta_option,
    format_option,
    numbers,
    power_option,
    rate_text,
    refusing,
    show,
    table,
    wanted_power,
)
from trialwright.cli.output import as_json

if TYPE_CHECKING:
    from trialwright.designs.group_sequential import Boundaries
    from trialwright.designs.survival_size import Accrual

_TYPES = ("obrien-fleming", "pocock", "spending-obrien-fleming", "spending-pocock", "power", "hwang-shih-decani")
alpha_option = click.option(
    "--alpha", type=float, default=0.025, show_default=True, help="Type I error: one-sided, or of both sides."
)
sided_option = click.option("--sided", type=click.Choice(["1", "2"]), default="1", show_default=True)
type_option = click.option("--type", "kind", type=click.Choice(_TYPES), default="spending-obrien-fleming", show_default=True)
parameter_option = click.option("--parameter", type=float, help="rho of the power family, gamma of Hwang-Shih-DeCani.")
looks_option = click.option(
    "--looks", default="1", show_default=True, metavar="K|T,T", help="How many, equally spaced; or shares: 0.4,0.7,1."
)


def side_of(sided: str) -> Literal[1, 2]:
    """The number of sides."""
    return 1 if sided == "1" else 2


def boundaries_of(kind: str, looks: str, alpha: float, sided: str, parameter: float | None) -> Boundaries:
    """Make the boundaries that the options name."""
    from trialwright.designs.group_sequential import equal_shares, obrien_fleming, pocock, spending_boundaries
    from trialwright.designs.spending import Spending

    try:
        shares = [float(part) for part in looks.split(",")] if "," in looks else list(equal_shares(int(looks)))
    except ValueError as error:
        raise click.BadParameter(
            f"`{looks}`: a number of looks, or rising shares that end with 1.", param_hint="--looks"
        ) from error
    side = side_of(sided)
    match kind:
        case "obrien-fleming":
            return obrien_fleming(shares, alpha, side)
        case "pocock":
            return pocock(shares, alpha, side)
        case "spending-obrien-fleming" | "spending-pocock":
            return spending_boundaries(shares, alpha, Spending("pocock" if kind.endswith("pocock") else "obrien-fleming"), side)
        case "power":
            return spending_boundaries(shares, alpha, Spending("power", 2.0 if parameter is None else parameter), side)
        case _:
            return spending_boundaries(
                shares, alpha, Spending("hwang-shih-decani", -4.0 if parameter is None else parameter), side
            )


@click.command("group-sequential")
@looks_option
@type_option
@parameter_option
@alpha_option
@sided_option
@beta_option
@power_option
@click.option("--fixed-n", type=float, help="Size of the single-stage design: participants or events.")
@format_option
@refusing
def group_sequential(
    looks: str, kind: str, parameter: float | None, alpha: float, sided: str, beta: float | None, power: float | None,
    fixed_n: float | None, form: str,
) -> None:  # fmt: skip
    """Find critical values of z for each look, their power and what they cost.

    The information is participants for a rate and events for survival: multiply the size of a single-stage design by the
    inflation factor, or give it with --fixed-n.
    """
    from scipy.special import ndtr

    from trialwright.designs.errors import require_positive
    from trialwright.designs.group_sequential import powered

    bounds = boundaries_of(kind, looks, alpha, sided, parameter)
    needed = powered(bounds, wanted_power(beta, power))
    size = require_positive("fixed_n", fixed_n) * needed.inflation if fixed_n is not None else None
    columns = (one.tolist() for one in (bounds.shares, bounds.upper, bounds.spent, needed.stop))
    each: list[dict[str, Any]] = [
        {"share": share, "z": z, "p_nominal": float(ndtr(-z)) * int(sided), "alpha_spent": spent, "stop_h1": stop}
        for share, z, spent, stop in zip(*columns, strict=True)
    ]
    told = {
        "given": {"type": kind, "parameter": parameter, "alpha": alpha, "sided": int(sided), "power": wanted_power(beta, power)},
        "looks": each,
        "drift": needed.drift,
        "inflation": needed.inflation,
        "expected_share_h1": needed.expected_share,
        "expected_share_h0": needed.expected_share_null,
        "n_max": size,
        "source": "Armitage, McPherson, Rowe 1969; Lan & DeMets 1983; Jennison & Turnbull 2000",
    }
    rows: list[list[object]] = [["information", "z", "nominal p", "alpha spent", "stops under H1"]]
    rows += [[one["share"], one["z"], f"{one['p_nominal']:.6f}", f"{one['alpha_spent']:.6f}", one["stop_h1"]] for one in each]
    words = (
        f"The greatest size is {needed.inflation:.4f} times that of a single look{f' ({size:.2f})' if size is not None else ''}; "
        f"expected under the alternative: {rate_text(round(needed.expected_share, 4))} of it."
    )
    show(form, told, table(rows), words)


@click.command("two-proportions")
@click.option("--p-control", type=float, required=True, help="Rate of the control arm.")
@click.option("--p-experimental", type=float, required=True, help="Rate of the experimental arm.")
@click.option("--alpha", type=float, default=0.05, show_default=True, help="Type I error: one-sided, or of both sides.")
@click.option("--sided", type=click.Choice(["1", "2"]), default="2", show_default=True)
@beta_option
@power_option
@click.option("--test", type=click.Choice(["z", "z continuity", "fisher exact"]), default="z", show_default=True)
@click.option("--ratio", type=float, default=1.0, show_default=True, help="Experimental participants for each control one.")
@looks_option
@type_option
@parameter_option
@format_option
@refusing
def two_proportions(
    p_control: float, p_experimental: float, alpha: float, sided: str, beta: float | None, power: float | None,
    test: Literal["z", "z continuity", "fisher exact"], ratio: float, looks: str, kind: str, parameter: float | None, form: str,
) -> None:  # fmt: skip
    """Find the participants that a comparison of two proportions needs, with or without interim looks."""
    from trialwright.designs.group_sequential import powered
    from trialwright.designs.two_arm import Rates
    from trialwright.designs.two_arm import two_proportions as size

    wanted = wanted_power(beta, power)
    found = size(Rates(p_control, p_experimental), alpha, wanted, test, ratio, side_of(sided))
    inflation = powered(boundaries_of(kind, looks, alpha, sided, parameter), wanted).inflation if looks != "1" else 1.0
    told = {
        "given": {
            "p_control": p_control,
            "p_experimental": p_experimental,
            "alpha": alpha,
            "sided": int(sided),
            "power": wanted,
            "ratio": ratio,
        },
        **asdict(found),
        "n": found.n,
        "inflation": inflation,
        "n_max": math.ceil(found.n * inflation - 1e-9),
        "source": "Fleiss JL, Tytun A, Ury HK, Biometrics 1980;36:343-6; Casagrande JT et al., Biometrics 1978;34:483-6",
    }
    words = (
        f"{found.n_control} control and {found.n_experimental} experimental participants, {found.n} in all, show "
        f"{rate_text(p_experimental)} against {rate_text(p_control)} with power {found.power:.4f} ({test} test)."
    )
    if looks != "1":
        words += f" With the looks {inflation:.4f} times as many are needed at most: {told['n_max']} in all."
    show(form, told, words)


def _accrual(accrual: float | None, follow_up: float, median: float | None, dropout: float, dropout_at: float) -> Accrual | None:
    from trialwright.designs.errors import DesignError
    from trialwright.designs.survival_size import Accrual, hazard_of_median, hazard_of_survival

    if accrual is None and median is None:
        return None
    if accrual is None or median is None:
        raise click.UsageError("Participants need both --accrual and --control-median; events alone need neither.")
    if not 0 <= dropout < 1:
        raise DesignError("dropout", dropout, "a number from 0 to below 1 is wanted")
    leaving = hazard_of_survival(1 - dropout, dropout_at) if dropout else 0.0
    return Accrual(accrual, follow_up, hazard_of_median(median), leaving)


@click.command()
@click.option("--hazard-ratio", type=float, required=True, help="Experimental over control.")
@alpha_option
@sided_option
@beta_option
@power_option
@click.option("--ratio", type=float, default=1.0, show_default=True, help="Experimental participants for each control one.")
@click.option("--accrual", type=float, help="How long participants are recruited, in any one unit of time.")
@click.option("--follow-up", type=float, default=0.0, show_default=True, help="How long the last one is followed.")
@click.option("--control-median", type=float, help="Median survival of the control arm.")
@click.option("--dropout", type=float, default=0.0, show_default=True, help="Share that leaves by --dropout-at.")
@click.option("--dropout-at", type=float, default=12.0, show_default=True)
@looks_option
@type_option
@parameter_option
@format_option
@refusing
def survival(
    hazard_ratio: float, alpha: float, sided: str, beta: float | None, power: float | None, ratio: float,
    accrual: float | None, follow_up: float, control_median: float | None, dropout: float, dropout_at: float,
    looks: str, kind: str, parameter: float | None, form: str,
) -> None:  # fmt: skip
    """Find the events, participants and time that a comparison of two survival curves needs."""
    from trialwright.designs.survival_size import survival_size

    wanted = wanted_power(beta, power)
    bounds = boundaries_of(kind, looks, alpha, sided, parameter) if looks != "1" else side_of(sided)
    times = _accrual(accrual, follow_up, control_median, dropout, dropout_at)
    found = survival_size(hazard_ratio, alpha, wanted, times, ratio, bounds)
    told = {
        "given": {
            "hazard_ratio": hazard_ratio,
            "alpha": alpha,
            "sided": int(sided),
            "power": wanted,
            "ratio": ratio,
            "looks": looks,
            "type": kind,
        },
        **asdict(found),
        "source": "Schoenfeld DA, Biometrika 1981;68:316-9; Kim K, Tsiatis AA, Biometrics 1990;46:81-92",
    }
    words = [f"{math.ceil(found.events - 1e-9)} events show a hazard ratio of {hazard_ratio:g} with power {wanted:g}"]
    if found.participants is not None:
        words.append(f"{math.ceil(found.participants - 1e-9)} participants are needed, over {found.duration:g} units of time")
    if looks != "1":
        words.append(f"{found.expected_events:.1f} events are expected under the alternative")
    show(form, told, ". ".join(words) + ".")


@click.command()
@click.option("--arms", required=True, metavar="ARM:SHARE,…", help="Arms and their shares: drug:2,placebo:1.")
@click.option("--blocks", required=True, metavar="N,N", help="Block lengths, chosen among by chance: 6,12.")
@click.option("--n", "count", type=int, required=True, help="Allocations of each list.")
@click.option("--seed", required=True, help="The secret that the list follows from; the same seed gives the same list.")
@click.option("--stratum", "strata", multiple=True, metavar="FACTOR=LEVEL,…", help="A factor and its levels; may be repeated.")
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@refusing
def randomize(arms: str, blocks: str, count: int, seed: str, strata: tuple[str, ...], form: str) -> None:
    """Write a randomization list by permuted blocks. Whoever knows the seed can foresee every allocation."""
    import hashlib

    from trialwright.designs.randomization import Blocks, permuted_blocks, stratified_blocks

    shares = {name.strip(): _share(share) for name, _, share in (part.partition(":") for part in arms.split(","))}
    made = Blocks(shares, numbers(blocks, "--blocks"))
    if not seed:
        raise click.BadParameter("A list follows from a secret; it cannot be empty.", param_hint="--seed")
    if bare := [text for text in strata if not all(part.strip() for part in text.partition("="))]:
        raise click.BadParameter(f"`{bare[0]}` is no factor with levels such as site=A,B.", param_hint="--stratum")
    factors = {
        name.strip(): tuple(level.strip() for level in levels.split(","))
        for name, _, levels in (text.partition("=") for text in strata)
    }
    key = hashlib.sha256(seed.encode()).digest()
    found = stratified_blocks(key, made, factors, count) if factors else permuted_blocks(key, made, count)
    if form == "csv":
        click.echo(
            "\n".join(["stratum,number,block,arm", *(f'"{one.stratum}",{one.number},{one.block},{one.arm}' for one in found)])
        )
        return
    told: dict[str, Any] = {"arms": shares, "blocks": made.lengths, "allocations": [asdict(one) for one in found]}
    told["source"] = "Zelen M, J Chronic Dis 1974;27:365-75"
    if form == "json":
        click.echo(as_json(told))
        return
    rows: list[list[object]] = [["stratum", "number", "block", "arm"]]
    show(form, told, table(rows + [[one.stratum or "-", one.number, one.block, one.arm] for one in found]))


def _share(text: str) -> int:
    if text.strip() and not text.strip().isdigit():
        raise click.BadParameter(f"`{text}` is no share; write drug:2,placebo:1.", param_hint="--arms")
    return int(text or 1)
