"""``trialwright simulate``: the operating characteristics of a protocol, a million trials at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from trialwright.cli.doors import home_option

PATH = click.Path(path_type=Path)


class Trials(click.ParamType[int]):
    """A whole number with or without underscores: ``1_000_000``."""

    name = "trials"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the number; a size that makes no sense is refused later, with the way out."""
        text = str(value).replace("_", "").replace(",", "").strip()
        if not text.lstrip("-").isdigit():
            self.fail(f"`{value}` is no number of trials such as 1_000_000.", param, ctx)
        return int(text)


@click.command()
@click.argument("protocol", type=PATH)
@click.option("--virtual", type=PATH, help="The file of chances; operating.yaml beside the protocol by default.")
@click.option("-n", "--trials", "trials", type=Trials(), default="10_000", show_default=True, help="Trials of each scenario.")
@click.option("--seed", type=click.IntRange(0, 2**64 - 1), default=1, show_default=True, help="What chance follows from.")
@click.option("--threads", type=click.IntRange(1, 64), default=1, show_default=True, help="The result is the same for any.")
@click.option("--set", "settings", multiple=True, metavar="PATH=NUMBER", help="Set a number of the file of chances.")
@click.option("--vary", multiple=True, metavar="PATH=FROM:TO:STEP", help="Vary a number (or PATH=A,B,C); repeat for a grid.")
@click.option("--p0", "rates", multiple=True, metavar="RATE", help="A response rate that the planned interval should exclude.")
@click.option("--against", type=PATH, help="Another protocol, played with the same chances and random numbers, side by side.")
@click.option("--tornado", is_flag=True, help="Turn each number of the file down and up, and sort by the effect.")
@click.option(
    "--by", "by_percent", type=float, default=20.0, show_default=True, help="How far, in per cent; 0: stated ranges only."
)
@click.option("--between", multiple=True, metavar="PATH=LOW:HIGH", help="The range of one number in the tornado.")
@click.option("--outcome", default="", help="What the tornado looks at, such as `response` or `decision.above.0.1`.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for the result and for chunks as they are done."
)
@click.option("--resume", is_flag=True, help="Go on with what is in --out.")
@click.option("--report", type=PATH, help="Write a page with tables and figures.")
@click.option("--scheduler", default="", metavar="tcp://…", help="Play on a Dask cluster; the result is the same.")
@click.option("--interpreted", is_flag=True, help="Do without a compiled kernel; slower, the same result.")
@click.option(
    "--onward", default="", metavar="TRIAL", help="Simulate the rest of a trial under way: an interim look, recorded in its log."
)
@click.option("--open", "opened", type=click.IntRange(0, 2**44 - 1), metavar="K", help="Keep trial K as a whole log in --home.")
@click.option("--as", "actor", default="", metavar="PERSON:ROLE", help="Who takes the interim look: a sponsor or a statistician.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The day of the interim look; today by default.")
@click.option("--why", default="", help="Why the interim look is taken.")
@home_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def simulate(protocol: Path, virtual: Path | None, **given: Any) -> None:
    """Simulate PROTOCOL many times, and say what comes of it: responders, doses, harms, decisions, size and duration.

    Everybody in it is simulated. Each number has its Monte Carlo error. Nothing of it is a result of a trial.
    """
    from trialwright.cli.simulate_asked import check_asked
    from trialwright.cli.simulate_outcomes import Asked, refusals_told, simulate_outcomes, tell

    home, name, actor, on, why = (given.pop(key) for key in ("home", "onward", "actor", "on", "why"))
    opened = given.pop("opened")
    asked = Asked(protocol=protocol, virtual=virtual or protocol.parent / "operating.yaml", **given)
    with refusals_told():
        check_asked(asked, opened, name)
        if opened is not None:
            from trialwright.cli.simulate_opening import open_into

            open_into(asked, opened, home)
            return
        if name:
            from trialwright.cli.simulate_onward import look_ahead

            look_ahead(asked, home, name, actor, on.date() if on is not None else None, why)
            return
        told = simulate_outcomes(asked)
        tell(asked, told)
