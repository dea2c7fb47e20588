"""Rehearsals for tests: the seed trial with its people, whole or with few participants, each played once per process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from tests.check_cases import Edit, protocol_with

from trialwright.conduct import Trial
from trialwright.log import MemoryShelf, seeded_salts
from trialwright.protocol import Protocol
from trialwright.simulation import Rehearsal, Virtual, VirtualReading, parse_virtual, rehearse
from trialwright.simulation.cohort import Courses
from trialwright.simulation.compare import play_many
from trialwright.simulation.plan import rehearsal_plan
from trialwright.simulation.stage import Setting
from trialwright.simulation.suits import suit

PEOPLE = Path(__file__).parents[1] / "trials" / "nilg-hes1-03" / "virtual.yaml"
FEW: Edit = ("sample_size:\n  planned: 25", "sample_size:\n  planned: 3")
ONE: Edit = (FEW[0], "sample_size:\n  planned: 1")
AT_400: Edit = ("start: 100 mg/d on day 1", "start: 400 mg/d on day 1")
WEEK_12_DAY = 83  # the last day of week 12, the first dose being on day 0


@dataclass(frozen=True)
class Played:
    """A rehearsal with the trial that it left."""

    rehearsal: Rehearsal
    trial: Trial
    shelf: MemoryShelf


def read_edited(*edits: tuple[str, str]) -> VirtualReading:
    """The seed's people with parts of the file replaced; each must stand in it."""
    text = PEOPLE.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return parse_virtual(text, "virtual.yaml")


@lru_cache
def people() -> Virtual:
    """The seed's people."""
    virtual = read_edited().virtual
    assert virtual is not None
    return virtual


@lru_cache
def protocol(*edits: Edit) -> Protocol:
    """The seed's protocol, edited."""
    return protocol_with(*edits)


@lru_cache
def played(seed: int, *edits: Edit) -> Played:
    """A rehearsal of the seed's protocol, edited."""
    shelf, study = MemoryShelf(), protocol(*edits)
    rehearsal = rehearse(study, people(), seed, shelf)
    return Played(rehearsal, Trial(shelf, study, seeded_salts(seed)), shelf)


def setting(*edits: Edit) -> Setting:
    """What the many-trials way needs to know."""
    study = protocol(*edits)
    _, expressions = suit(study, people())
    return Setting(study, people(), rehearsal_plan(study, people()), expressions, 0)


def treated_at_once(seeds: list[int], *edits: Edit) -> tuple[list[int], Courses]:
    """Many trials by the other way; the seed of each enrolled person's trial, and how treatment went."""
    found, courses = play_many(setting(*edits), np.array(seeds, np.uint64), WEEK_12_DAY)
    return [int(one) for one in found], courses
