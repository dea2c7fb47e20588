"""A home folder with one opened trial of the seed's protocol, and its report, made by the commands that a user types."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from click.testing import CliRunner

from trialwright.cli.main import cli
from trialwright.protocol import read_protocol

ROOT = Path(__file__).parent.parent
PROTOCOL = ROOT / "trials/nilg-hes1-03/protocol.yaml"
NAME = "nilg-hes1-03-seed-1-trial-4711"


def typed(*words: str) -> str:
    """What a command prints; it must end well."""
    done = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@cache
def opened_home() -> Path:
    """The home folder, for every test of this run that only reads it."""
    home = Path(mkdtemp(prefix="trialwright-opened-"))
    told = typed("simulate", str(PROTOCOL), "--open", "4711", "--seed", "1", "--home", str(home))
    assert told.startswith("SIMULATED · trial 4711 of seed 1")
    typed("report", "--home", str(home))
    return home


def real_names() -> tuple[str, ...]:
    """Every place and person that the registration names."""
    found = read_protocol(PROTOCOL).protocol
    assert found is not None
    study = found.file.study
    places = [word for site in study.sites for word in (site.name, site.city) if word]
    people = [one.name.split(",")[0] for one in study.officials]
    return tuple(dict.fromkeys([study.sponsor.name, *places, *people]))
