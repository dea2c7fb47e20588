"""Writes docs/reference/commands.md from the command line's own help."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from trialwright.cli.main import cli

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"
HEAD = """\
# Commands

<!-- Written by `make docs` from the help of each command. Change src/trialwright/cli. -->

`trialwright COMMAND --help` says the same on the screen. How a command ends: [exit codes](exit-codes.md). Where things are
kept: [the home folder](home-folder.md). What `record` takes: [the commands of a trial](trial-commands.md).
"""


def commands(group: click.Group, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command, click.Context]]:
    """Yield every command below a group with its words, in the order of the help."""
    context = click.Context(group, info_name=" ".join(path))
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command, click.Context(command, info_name=name, parent=context)


def default_of(option: click.Option, context: click.Context) -> str:
    if isinstance(option.show_default, str):
        return f"Default: {option.show_default}."
    value = None if callable(option.default) else option.get_default(context)
    return f"Default: `{value}`." if isinstance(value, (str, int)) and not isinstance(value, bool) and value != "" else ""


def taken(option: click.Option, context: click.Context) -> str:
    """Return what an option takes; nothing for a flag."""
    if option.is_flag:
        return ""
    match option.type:
        case click.Choice(choices=choices):
            return " · ".join(f"`{choice}`" for choice in choices)
        case click.IntRange(min=low, max=high):
            return f"INTEGER, {low} to {high}"
        case _:
            return option.make_metavar(context)


def option_row(option: click.Option, context: click.Context) -> str:
    """Return one option as a table row."""
    names = ", ".join(f"`{name}`" for name in option.opts)
    environment = f"From the environment: `{option.envvar}`." if option.envvar else ""
    sentences = (option.help or "", "Must be given." if option.required else "", default_of(option, context), environment)
    return f"| {names} {taken(option, context)} | {' '.join(part for part in sentences if part)} |"


def section(path: tuple[str, ...], command: click.Command, context: click.Context) -> str:
    """Return one command: how it is called, what it does, its options."""
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    usage = " ".join([*path, *(one.make_metavar(context) for one in arguments), "[OPTIONS]"])
    said = "\n\n".join(" ".join(part.split()) for part in (command.help or "").split("\n\n"))
    options = [one for one in command.params if isinstance(one, click.Option)]
    rows = ["| option | what it does |", "|---|---|", *(option_row(one, context) for one in options)] if options else []
    return "\n".join([f"## {' '.join(path)}\n", f"```text\n{usage}\n```\n", f"{said}\n", *rows, ""])


def render() -> str:
    """Return the whole page."""
    assert isinstance(cli, click.Group)
    return "\n".join([HEAD, *(section(*one) for one in commands(cli, ("trialwright",)))])
