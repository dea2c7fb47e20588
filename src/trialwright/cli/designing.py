"""``trialwright design``: textbook designs of one arm, and what a two-stage trial says once it is over. Reads no protocol."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import click

from trialwright.cli.main import LazyGroup
from trialwright.cli.output import as_json, plural

if TYPE_CHECKING:
    from trialwright.designs.bayes_one_arm import Beta
    from trialwright.designs.simon import SimonDesigns, TwoStage
    from trialwright.designs.stopping import CountRule

COMMANDS = {
    "simon": ("designing", "Simon's two-stage designs: optimal, minimax and admissible."),
    "fleming": ("designing", "Fleming's acceptance and rejection numbers for one to several stages."),
    "ahern": ("designing", "A'Hern's exact single-stage sizes: the first, and the one from which all do."),
    "exact": ("designing", "The exact single-stage design of a given size."),
    "predictive": ("designing", "Monitoring of one arm by predictive probability."),
    "predictive-design": ("designing", "The least size for one arm monitored by predictive probability."),
    "posterior": ("designing", "Monitoring of one arm, for response or harm, by posterior probability."),
    "characteristics": ("designing", "Exact operating characteristics of any rule over one arm's counts."),
    "after-two-stage": ("designing", "Estimate, p value and bounds after a two-stage trial."),
    "group-sequential": ("designing_arms", "Group-sequential boundaries, their power and what they cost."),
    "two-proportions": ("designing_arms", "Sizes for a comparison of two proportions."),
    "survival": ("designing_arms", "Events, participants and duration of a comparison of two survival curves."),
    "randomize": ("designing_arms", "A randomization list by permuted blocks, stratified or not."),
}
_OPTIONS = {
    "lengths": "blocks", "count": "n", "key": "seed", "strata": "stratum", "prior a": "prior", "prior b": "prior",
    "rates": "true", "median": "control-median",
}  # fmt: skip
Command = TypeVar("Command", bound=Callable[..., Any])
format_option = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
p0_option = click.option("--p0", type=float, required=True, help="Response rate not worth pursuing.")
p1_option = click.option("--p1", type=float, required=True, help="Response rate worth finding.")
alpha_option = click.option("--alpha", type=float, default=0.05, show_default=True, help="Largest chance of a false positive.")
beta_option = click.option("--beta", type=float, help="Error of the second kind; or give --power.")
power_option = click.option("--power", type=float, help="Power: 1 - beta. 0.8 where neither is given.")


class DesignGroup(LazyGroup):
    """The designs."""

    table: ClassVar[dict[str, tuple[str, str]]] = COMMANDS


@click.command(cls=DesignGroup)
def design() -> None:
    """Find and check textbook designs. Probabilities are numbers from 0 to 1; every result names its source."""


def refusing(command: Command) -> Command:
    """Turn the error of a design into a usage error that names the option."""

    @wraps(command)
    def run(*given: Any, **options: Any) -> Any:
        from trialwright.designs.errors import DesignError

        try:
            return command(*given, **options)
        except DesignError as error:
            raise click.BadParameter(f"{error.value}: {error.allowed}.", param_hint=_option_of(error.field)) from None
        except OverflowError:
            raise click.UsageError("One of these numbers is too large, or too close to nothing, to compute with.") from None

    return run  # type: ignore[return-value]  # the same signature, wrapped


def _option_of(field: str) -> str | None:
    """The option of the command that is running that gives a field of a design; None where none does."""
    named = f"--{_OPTIONS.get(field, field).replace(' ', '-').replace('_', '-')}"
    known = [option for one in click.get_current_context().command.params for option in one.opts]
    wanted = (named, named.removesuffix("s"), "--looks" if field == "n" else "")
    return next((option for option in wanted if option in known), None)


def wanted_power(beta: float | None, power: float | None) -> float:
    """The power, however it was given; 0.8 where it was not."""
    from trialwright.designs.errors import require_rate

    if beta is not None and power is not None:
        raise click.UsageError("Give --beta or --power, not both.")
    return 1 - require_rate("beta", beta) if beta is not None else require_rate("power", 0.8 if power is None else power)


def numbers(text: str, option: str) -> tuple[int, ...]:
    """Read whole numbers with commas between them; ``-`` is -1 (never)."""
    words = [word.strip() for word in text.split(",")]
    if not all(word.lstrip("-").isdigit() or word == "-" for word in words):
        raise click.BadParameter(f"`{text}` is no list of whole numbers such as 10,20.", param_hint=option)
    return tuple(-1 if word == "-" else int(word) for word in words)


def looks_of(text: str, n_max: int) -> tuple[int, ...]:
    """Read ``10,20`` or ``every 5 from 10``."""
    words = text.split()
    if len(words) == 4 and (words[0], words[2]) == ("every", "from") and words[1].isdigit() and words[3].isdigit():
        if int(words[1]) < 1 or int(words[3]) < 1 or n_max > 10_000:
            raise click.BadParameter(f"`{text}` counts from 1.", param_hint="--looks")
        return tuple(range(int(words[3]), n_max + 1, int(words[1])))
    return numbers(text, "--looks")


def table(rows: Sequence[Sequence[object]]) -> str:
    """Set rows in columns: the first to the left, the others to the right."""
    texts = [[f"{cell:.4f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in texts) for column in range(len(texts[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in texts
    ]
    return "\n".join(line.rstrip() for line in lines)


def show(form: str, told: dict[str, Any], *paragraphs: str) -> None:
    """Print a result as JSON, or as paragraphs that end with the source."""
    if form == "json":
        click.echo(as_json(told))
        return
    click.echo("\n\n".join([*paragraphs, f"Source: {told['source']}."]))


def rate_text(rate: float) -> str:
    """Write a rate as people do: `20 %`, `12.5 %`."""
    return f"{rate * 100:.6g} %"


@click.command()
@p0_option
@p1_option
@alpha_option
@beta_option
@power_option
@click.option("--n-max", type=int, default=1000, show_default=True, help="Greatest number of participants.")
@format_option
@refusing
def simon(p0: float, p1: float, alpha: float, beta: float | None, power: float | None, n_max: int, form: str) -> None:
    """Find Simon's two-stage designs by complete search."""
    from trialwright.designs.simon import SOURCE
    from trialwright.designs.simon import simon as search

    reached = wanted_power(beta, power)
    found = search(p0, p1, alpha, reached, n_max, compiled=False)
    told = {
        "given": {"p0": p0, "p1": p1, "alpha": alpha, "beta": round(1 - reached, 12)},
        "optimal": asdict(found.optimal),
        "minimax": asdict(found.minimax),
        "admissible": [asdict(one) for one in found.admissible],
        "source": f"{SOURCE}; admissible: Jung SH et al., Stat Med 2004;23:561-9",
    }
    rates = f"{rate_text(p0)} against {rate_text(p1)}"
    head = f"Two-stage designs for {rates}: type I error at most {alpha:g}, power at least {reached:g}."
    show(
        form,
        told,
        head,
        _two_stage_table(found),
        _two_stage_words("optimal", found.optimal),
        _two_stage_words("minimax", found.minimax),
    )


def _two_stage_table(found: SimonDesigns) -> str:
    rows: list[list[object]] = [["", "r1", "n1", "r", "n", "EN(p0)", "PET(p0)", "alpha", "power"]]
    named = [("optimal", found.optimal), ("minimax", found.minimax)]
    named += [("admissible", one) for one in found.admissible if one not in (found.optimal, found.minimax)]
    for name, one in named:
        rows.append([name, one.r1, one.n1, one.r, one.n, f"{one.en_p0:.2f}", one.pet_p0, one.alpha, one.power])
    return table(rows)


def _two_stage_words(name: str, one: TwoStage) -> str:
    return (
        f"{name}: stop if {one.r1} or fewer of the first {one.n1} respond, else go on to {one.n}. "
        f"More than {plural(one.r, 'responder')} of {one.n} call the treatment active."
    )


@click.command()
@p0_option
@click.option("--p1", type=float, required=True, help="Response rate worth finding, for the exact power.")
@click.option("--alpha", type=float, default=0.05, show_default=True, help="Nominal one-sided type I error.")
@click.option("--sizes", required=True, metavar="N,N", help="Participants of each stage: 15,10.")
@format_option
@refusing
def fleming(p0: float, p1: float, alpha: float, sizes: str, form: str) -> None:
    """Find Fleming's acceptance and rejection numbers, and their exact error rates."""
    from trialwright.designs.fleming import fleming as procedure
    from trialwright.designs.fleming import fleming_rates

    found = procedure(p0, alpha, numbers(sizes, "--sizes"))
    rates = fleming_rates(found, p0, p1)
    told = {
        "given": {"p0": p0, "p1": p1, "alpha": alpha, "sizes": found.sizes},
        "accept": found.accept,
        "reject": found.reject,
        "p_alternative": found.p_alternative,
        **asdict(rates),
        "source": "Fleming TR, Biometrics 1982;38:143-51",
    }
    rows: list[list[object]] = [["stage", "participants", "stop at or below", "reject at or above"]]
    for index, look in enumerate(found.rule.looks):
        rows.append([index + 1, look, found.accept[index] if found.accept[index] >= 0 else "-", found.reject[index]])
    exact = (
        f"Exact type I error {rates.alpha:.4f}, power {rates.power:.4f}; "
        f"expected participants {rates.en_p0:.2f} at {rate_text(p0)}, {rates.en_p1:.2f} at {rate_text(p1)}."
    )
    show(
        form, told, f"Fleming's procedure against {rate_text(p0)}; responders are counted from the beginning.", table(rows), exact
    )


@click.command()
@p0_option
@p1_option
@alpha_option
@beta_option
@power_option
@format_option
@refusing
def ahern(p0: float, p1: float, alpha: float, beta: float | None, power: float | None, form: str) -> None:
    """Find the exact single-stage sizes: the first that holds both error rates, and the one from which all do."""
    from trialwright.designs.ahern import ahern as search

    found = search(p0, p1, alpha, wanted_power(beta, power))
    told = {
        "given": {"p0": p0, "p1": p1, "alpha": alpha, "beta": round(1 - wanted_power(beta, power), 12)},
        "first": asdict(found.first),
        "stable": asdict(found.stable),
        "source": "A'Hern RP, Stat Med 2001;20:859-66",
    }
    rows: list[list[object]] = [["", "n", "cut", "alpha", "power"]]
    rows += [[name, one.n, one.cut, one.alpha, one.power] for name, one in (("first", found.first), ("stable", found.stable))]
    words = (
        f"With {found.first.n} participants, {found.first.cut} responders or more call the treatment active. "
        f"The power saw-tooths with n: from {found.stable.n} on every size holds both error rates."
    )
    show(form, told, f"Exact single stage for {rate_text(p0)} against {rate_text(p1)}.", table(rows), words)


@click.command()
@p0_option
@click.option("--p1", type=float, required=True, help="Response rate of interest, for the power.")
@alpha_option
@click.option("--n", type=int, required=True, help="Participants.")
@format_option
@refusing
def exact(p0: float, p1: float, alpha: float, n: int, form: str) -> None:
    """Find the cut of an exact single stage of N participants, and its power."""
    from trialwright.designs.ahern import single_stage

    found = single_stage(p0, p1, alpha, n)
    told = {
        "given": {"p0": p0, "p1": p1, "alpha": alpha, "n": n},
        **asdict(found),
        "source": "exact binomial test of one proportion",
    }
    words = (
        f"{found.cut} responders or more of {n} reject {rate_text(p0)}: type I error {found.alpha:.4f}, "
        f"power {found.power:.4f} at {rate_text(p1)}."
        if found.cut <= n
        else f"No result of {n} rejects {rate_text(p0)} at this level."
    )
    show(form, told, words)


def monitored(given: dict[str, Any], rule: CountRule, true: tuple[float, ...], source: str, form: str) -> None:
    """Print a rule's bounds and what it does at each true rate."""
    from trialwright.designs.chains import operating_characteristics

    found = operating_characteristics(rule, rule.most, true)
    bounds = [
        {
            "n": n,
            "low": low if (low := int(rule.low[n])) >= 0 else None,
            "high": high if (high := int(rule.high[n])) <= rule.most else None,
        }
        for n in rule.looks
    ]
    does: list[dict[str, Any]] = [
        {
            "rate": rate,
            "stopped_low": float(found.stopped_low[index]),
            "stopped_high": float(found.stopped_high[index]),
            "low": found.low[index].tolist(),
            "high": found.high[index].tolist(),
            "expected_n": float(found.expected[index]),
        }
        for index, rate in enumerate(true)
    ]
    told = {"given": given, "bounds": bounds, "characteristics": does, "source": source}
    rows: list[list[object]] = [["participants", "stop at or below", "stop at or above"]]
    rows += [[one["n"], *("-" if one[side] is None else one[side] for side in ("low", "high"))] for one in bounds]
    meant: list[list[object]] = [["true rate", "stops low", "stops high", "expected n"]]
    meant += [[rate_text(one["rate"]), one["stopped_low"], one["stopped_high"], f"{one['expected_n']:.2f}"] for one in does]
    never = "" if rule.looks else "No count at any look stops the trial."
    show(form, told, *(part for part in (never or table(rows), table(meant) if true else "") if part))


n_max_option = click.option("--n-max", type=int, required=True, help="Participants planned.")
looks_option = click.option(
    "--looks", required=True, metavar="N,N", help="Participants at each look: 10,20 or 'every 5 from 10'."
)
prior_option = click.option("--prior", default="1,1", show_default=True, metavar="A,B", help="Beta prior of the rate.")
true_option = click.option("--true", "true", multiple=True, type=float, help="A true rate to report for; may be repeated.")


def prior_of(text: str) -> Beta:
    """Read a beta prior: two numbers with a comma between them."""
    from trialwright.designs.bayes_one_arm import Beta

    first, _, second = text.partition(",")
    try:
        return Beta(float(first), float(second))
    except ValueError as error:
        raise click.BadParameter(
            f"`{text}` is no beta prior; write two numbers above 0, such as 1,1.", param_hint="--prior"
        ) from error


@click.command()
@n_max_option
@looks_option
@click.option("--success-rate", type=float, required=True, help="At the end, the rate must be shown to be above this.")
@click.option("--success-chance", type=float, default=0.95, show_default=True, help="With a posterior probability above this.")
@click.option("--low", type=float, help="Stop for futility below this predictive probability.")
@click.option("--high", type=float, help="Stop for efficacy above this predictive probability.")
@prior_option
@true_option
@format_option
@refusing
def predictive(
    n_max: int, looks: str, success_rate: float, success_chance: float, low: float | None, high: float | None,
    prior: str, true: tuple[float, ...], form: str,
) -> None:  # fmt: skip
    """Find the counts at which monitoring by predictive probability stops, and what it does."""
    from trialwright.designs.bayes_one_arm import MOST_PREDICTED, Limits, Success, predictive_rule
    from trialwright.designs.errors import require_count

    require_count("n_max", n_max, 1, MOST_PREDICTED)
    rule = predictive_rule(
        looks_of(looks, n_max), n_max, Success(success_rate, success_chance), Limits(low, high), prior_of(prior)
    )
    given = {
        "n_max": n_max,
        "success_rate": success_rate,
        "success_chance": success_chance,
        "low": low,
        "high": high,
        "prior": prior,
    }
    monitored(given, rule, true, "Lee JJ, Liu DD, Clin Trials 2008;5:93-106", form)


@click.command("predictive-design")
@p0_option
@p1_option
@click.option("--alpha", type=float, default=0.05, show_default=True, help="Largest exact chance of a false positive.")
@beta_option
@power_option
@click.option("--first-look", type=int, default=10, show_default=True, help="From so many participants on, each is a look.")
@click.option("--limit", "limits", type=float, multiple=True, help="Predictive probability to stop below; several are tried.")
@prior_option
@click.option("--n-max", type=int, default=100, show_default=True, help="Greatest number of participants.")
@format_option
@refusing
def predictive_design(
    p0: float, p1: float, alpha: float, beta: float | None, power: float | None, first_look: int, limits: tuple[float, ...],
    prior: str, n_max: int, form: str,
) -> None:  # fmt: skip
    """Find the least size at which monitoring by predictive probability holds both error rates exactly."""
    from trialwright.designs.predictive_search import LIMITS, PredictiveSearch
    from trialwright.designs.predictive_search import predictive_design as search

    wanted = wanted_power(beta, power)
    found = search(p0, p1, alpha, wanted, PredictiveSearch(first_look, prior_of(prior), limits or LIMITS), n_max)
    bounds = [{"n": n, "low": int(found.rule.low[n])} for n in found.rule.looks if n < found.n]
    told = {
        "given": {"p0": p0, "p1": p1, "alpha": alpha, "power": wanted, "first_look": first_look, "prior": prior},
        **{name: getattr(found, name) for name in ("n", "cut", "success_above", "limit", "alpha", "power", "en_p0", "pet_p0")},
        "bounds": bounds,
        "source": "Lee JJ, Liu DD, Clin Trials 2008;5:93-106",
    }
    does = (
        f"At most {found.n} participants; from the {first_look}th on, stop when the predictive probability of success "
        f"falls below {found.limit:g}. {found.cut} responders or more of {found.n} are a success."
    )
    exact = (
        f"Exact type I error {found.alpha:.4f}, power {found.power:.4f}; {found.en_p0:.2f} participants expected at "
        f"{rate_text(p0)}, stopped early with probability {found.pet_p0:.4f}."
    )
    rows: list[list[object]] = [["from participants", "stop at or below"]]
    for one in bounds:
        if len(rows) == 1 or rows[-1][1] != one["low"]:
            rows.append([one["n"], one["low"]])
    show(form, told, does, table(rows), exact)


@click.command()
@n_max_option
@looks_option
@click.option("--rate", type=float, required=True, help="The rate compared with: P(rate above this).")
@click.option("--low", type=float, help="Stop when the posterior probability is below this.")
@click.option("--high", type=float, help="Stop when the posterior probability is above this.")
@click.option("--counts", type=click.Choice(["responders", "events"]), default="responders", show_default=True)
@prior_option
@true_option
@format_option
@refusing
def posterior(
    n_max: int, looks: str, rate: float, low: float | None, high: float | None, counts: str, prior: str,
    true: tuple[float, ...], form: str,
) -> None:  # fmt: skip
    """Find the counts at which monitoring by posterior probability stops, and what it does."""
    from trialwright.designs.bayes_one_arm import MOST_MONITORED, Limits, posterior_rule
    from trialwright.designs.errors import require_count

    require_count("n_max", n_max, 1, MOST_MONITORED)
    counted = "events" if counts == "events" else "responders"
    rule = posterior_rule(looks_of(looks, n_max), n_max, rate, Limits(low, high), prior_of(prior), counted)  # type: ignore[arg-type]  # one of the two words
    given = {"n_max": n_max, "rate": rate, "low": low, "high": high, "counts": counts, "prior": prior}
    monitored(given, rule, true, "Thall PF, Simon R, Biometrics 1994;50:337-49", form)


@click.command()
@click.option("--looks", required=True, metavar="N,N", help="Participants at each look, the last one included: 13,25.")
@click.option("--low", required=True, metavar="N,N", help="Stop at this or fewer; - never: 3,-.")
@click.option("--high", required=True, metavar="N,N", help="Stop at this or more; - never: -,9.")
@click.option("--true", "true", multiple=True, type=float, required=True, help="A true rate; may be repeated.")
@format_option
@refusing
def characteristics(looks: str, low: str, high: str, true: tuple[float, ...], form: str) -> None:
    """Compute exactly how often, and where, a rule over counts stops."""
    from trialwright.designs.chains import stages

    at = numbers(looks, "--looks")
    many = tuple(10**6 if bound < 0 else bound for bound in numbers(high, "--high"))
    rule = stages(at, numbers(low, "--low"), many)
    monitored(
        {"looks": at, "low": low, "high": high},
        rule,
        true,
        "exact finite chain; Schultz JR et al., Biometrics 1973;29:293-318",
        form,
    )


@click.command("after-two-stage")
@click.option("--r1", type=int, required=True, help="Most responders of the first stage that stopped the trial.")
@click.option("--n1", type=int, required=True, help="Participants of the first stage.")
@click.option("--n", type=int, required=True, help="Participants of both stages.")
@click.option("--responders", type=int, required=True, help="Responders in the end.")
@click.option("--p0", type=float, required=True, help="The rate tested against.")
@click.option("--level", type=float, default=0.9, show_default=True, help="Of the two bounds together.")
@format_option
@refusing
def after_two_stage(r1: int, n1: int, n: int, responders: int, p0: float, level: float, form: str) -> None:
    """Say what a finished two-stage trial shows, knowing of its interim look."""
    from trialwright.designs.after_two_stage import TwoStageCut
    from trialwright.designs.after_two_stage import after_two_stage as infer

    found = infer(TwoStageCut(r1, n1, n), responders, p0, level)
    told = {
        "given": {"r1": r1, "n1": n1, "n": n, "responders": responders, "p0": p0, "level": level},
        **asdict(found),
        "source": "Jung SH, Kim KM, Stat Med 2004;23:881-96; Koyama T, Chen H, Stat Med 2008;27:3145-54",
    }
    where = f"stopped after the first stage, with {responders} of {n1}" if found.stopped else f"went on, with {responders} of {n}"
    bounds = [f"{bound:.4f}" if bound is not None else "-" for bound in (found.lower, found.upper)]
    rows: list[list[object]] = [
        ["unbiased estimate", found.umvue],
        ["naive proportion", found.naive],
        [f"p value against {rate_text(p0)}", f"{found.p_value:.6g}"],
        [f"{rate_text(level)} bounds", f"{bounds[0]} to {bounds[1]}"],
        ["conservative upper bound", found.upper_exact],
    ]
    show(form, told, f"The trial {where} responders.", table(rows))
