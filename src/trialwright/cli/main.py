"""The ``trialwright`` command. Each subcommand is imported when it is asked for, so that ``--help`` stays quick."""

from __future__ import annotations

import importlib
import keyword
import sys
from typing import Any, ClassVar

import click

from trialwright import __version__

COMMANDS = {
    "check": ("checking", "Check a protocol file or a registry record, and say what a reviewer would."),
    "init": ("recording", "Begin a trial: keep its protocol and open its log."),
    "record": ("recording", "Record commands from JSON or CSV."),
    "due": ("asking", "Say which visits are due."),
    "explain": ("asking", "Say why this dose, verdict or response; with --what-if, what it would be."),
    "log": ("logs", "Show, verify, export or recover a trial's log."),
    "design": ("designing", "Find and check textbook designs: sizes, boundaries, lists."),
    "simulate": ("simulating", "Simulate a protocol many times: its operating characteristics."),
    "rehearse": ("rehearsing", "Play a whole trial with simulated participants."),
    "analyze": ("reporting", "Carry out the analysis plan of the protocol."),
    "report": ("reporting", "Write the report as HTML and PDF."),
    "page": ("publishing", "Write the public study page."),
    "publish": ("publishing", "Write the ClinicalTrials.gov v2 record of a protocol."),
    "schema": ("publishing", "Print the JSON Schema of a protocol file, for editors."),
    "compare": ("rehearsing", "Set a reader's own figure beside the rehearsed distribution."),
    "registry": ("registering", "Import, mirror, search and keep registry records."),
    "serve": ("serving", "Serve the portal and the read-only trial room."),
    "demo": ("demonstrating", "Check, rehearse, analyze, report and serve the seed trial."),
}


def attribute_of(command: str) -> str:
    """The name of a command's function: ``import`` is a word of the language, so its function is ``import_``."""
    name = command.replace("-", "_")
    return f"{name}_" if keyword.iskeyword(name) else name


class LazyGroup(click.Group):
    """A group whose commands are modules of this room; ``table`` names them."""

    table: ClassVar[dict[str, tuple[str, str]]] = COMMANDS

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        del ctx
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command."""
        del ctx
        if cmd_name not in self.table:
            return None
        module = importlib.import_module(f"trialwright.cli.{self.table[cmd_name][0]}")
        command = getattr(module, attribute_of(cmd_name))
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence) for name, (_, sentence) in self.table.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest command for an unknown one."""
        if args and args[0] not in self.table and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], self.table, n=1)
            meant = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"There is no command '{args[0]}'.{meant}")
        return super().resolve_command(ctx, args)


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="trialwright")
def cli() -> None:
    """Trialwright: a clinical trial is a program.

    One typed protocol file drives the public page, eligibility, visits, dose advice, analysis and report.
    Exit codes: 0 ok, 2 usage, 10 findings that stop, 11 refused, 12 a log does not verify.
    """


def main(argv: list[str] | None = None) -> Any:
    """Run the command line."""
    try:
        return cli.main(args=argv, prog_name="trialwright")
    except OSError as error:
        click.echo(f"Error: {error.strerror or error}: {error.filename or ''}".rstrip(": "), err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
