"""A full rehearsal and the many-trials way tell the same of every simulated person: each dose, and who responds."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from tests.check_cases import Edit
from tests.simulated_people import AT_400, FEW, people, played, protocol, treated_at_once

from trialwright.analysis.cohort import Cohort
from trialwright.analysis.response_rate import members_of, reading_of, verdicts
from trialwright.engine.state import ParticipantState
from trialwright.simulation import compare, rehearse_many
from trialwright.simulation.cohort import Courses, Reached
from trialwright.simulation.compare import counted_endpoint, responds
from trialwright.simulation.harm import NEVER

ONCE_A_WEEK: Edit = ("and no unresolved related adverse event grade >= 2", "and no unresolved related adverse event grade >= 1")
FROM_300: Edit = ("to: 300 mg/d", "to: lower")
AT_MOST_200: Edit = ("always: dose <= 400 mg/d", "always: dose <= 200 mg/d")


def enrolled(seed: int, *edits: Edit) -> list[ParticipantState]:
    return [one for one in played(seed, *edits).trial.state.participants.values() if one.enrolled is not None]


def day(person: ParticipantState, on: date) -> int:
    assert person.first_dose_on is not None
    return (on - person.first_dose_on).days


def decided(courses: Courses, index: int) -> list[tuple[int, float]]:
    """The days and doses of one person's decisions, in order."""
    return sorted((int(on[index]), float(dose[index])) for on, dose in courses.doses if on[index] >= 0)


def assert_agree(seed: int, *edits: Edit) -> None:
    everybody = enrolled(seed, *edits)
    _, courses = treated_at_once([seed], *edits)
    assert len(everybody) == courses.started.size
    for index, person in enumerate(everybody):
        full = [(day(person, one.on), float(one.dose)) for one in person.prescribed] if person.first_dose_on else []
        assert full == decided(courses, index), person.id
    study = protocol(*edits)
    name, endpoint = counted_endpoint(study)
    cohort = Cohort.of(study, played(seed, *edits).trial.state)
    judged = verdicts(members_of(cohort, name).members, endpoint, reading_of(endpoint, cohort))
    by_analysis = {one.participant for one in judged if one.responded}
    responding = responds(courses, endpoint, study)
    assert by_analysis == {person.id for person, responded in zip(everybody, responding, strict=True) if responded}


@pytest.mark.parametrize(("seed", "edits"), [(3, ()), (12, (AT_400,)), (8, (ONCE_A_WEEK, FROM_300)), (9, (AT_MOST_200,))])
def test_both_ways_tell_the_same_of_everybody(seed: int, edits: tuple[Edit, ...]) -> None:
    assert_agree(seed, FEW, *edits)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(200, 210))
def test_both_ways_tell_the_same_of_everybody_in_whole_trials(seed: int) -> None:
    assert_agree(seed)


def test_a_dose_that_a_guarantee_forbids_is_never_prescribed_though_the_rules_advise_it() -> None:
    doses = [float(one.dose) for person in enrolled(9, FEW, AT_MOST_200) for one in person.prescribed]
    assert max(doses) == 200
    advised = [one.summary for person in enrolled(9, FEW, AT_MOST_200) for one in person.decisions if one.kind == "dose"]
    assert any("increase · 300" in one for one in advised)


@pytest.mark.parametrize(
    ("first", "confirmed", "rescued", "withdrew", "counts"),
    [
        (77, 83, NEVER, NEVER, True),
        (77, 84, NEVER, NEVER, False),  # seen in week 12, confirmed the day after it (decision 0047)
        (84, 91, NEVER, NEVER, False),
        (NEVER, NEVER, NEVER, NEVER, False),
        (14, 21, 20, NEVER, False),
        (14, 21, 21, NEVER, True),
        (14, 21, NEVER, 20, False),
        (14, 21, NEVER, 60, True),
    ],
)
def test_a_responder_is_confirmed_within_the_period_and_before_rescue_or_withdrawal(
    first: int, confirmed: int, rescued: int, withdrew: int, counts: bool
) -> None:
    one = [np.array([day]) for day in (first, first, confirmed, first)]
    reached = Reached(seen=one[0], first=one[1], confirmed=one[2], since=one[3])
    courses = Courses(
        started=np.array([True]),
        left=np.array([withdrew < NEVER]),
        reached={("haematological", "complete"): reached},
        rescued_day=np.array([rescued]),
        withdrew_day=np.array([withdrew]),
        doses=(),
    )
    _, endpoint = counted_endpoint(protocol())
    assert responds(courses, endpoint, protocol()).tolist() == [counts]


def test_trials_simulated_together_are_those_simulated_alone() -> None:
    seeds, together = treated_at_once([5, 6, 7], FEW)
    _, alone = treated_at_once([6], FEW)
    mine = np.array(seeds) == 6
    assert [decided(together, index) for index in np.flatnonzero(mine)] == [decided(alone, index) for index in range(mine.sum())]


def test_the_rehearsed_distribution_says_its_monte_carlo_error() -> None:
    rehearsed = rehearse_many(protocol(), people(), trials=60, first_seed=1)
    found = compare(rehearsed, 12, 25)
    share, error = found.at_most
    assert error == pytest.approx(np.sqrt(share * (1 - share) / 60))
    assert found.at_most[0] + found.at_least[0] >= 1
    assert found.middle[0] <= np.median(rehearsed.responders) <= found.middle[1]
    assert found.sentence.startswith("SIMULATED: of 60 rehearsed trials")
    assert rehearsed.treated.tolist() == [25] * 60
