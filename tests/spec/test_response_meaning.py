"""What a response is on a day: unknown means unknown, never none; confirmation; baseline and previous; derived states."""

from datetime import timedelta

import pytest
from tests.tiny_protocol import Script, bloods, edited, on_day, tiny

from trialwright.conduct import commands as asked
from trialwright.engine.advice import advise
from trialwright.engine.gather import Standpoint
from trialwright.engine.policy import Act
from trialwright.engine.readings import Readings
from trialwright.engine.response import Assessment, assess_all


def assessed(script: Script, day: int, **what_if: str | None) -> Assessment:
    protocol, person = script.trial.protocol, script.person()
    return assess_all(Standpoint(protocol, person, on_day(day), Readings(protocol, person, on_day(day), what_if)))["main"]


@pytest.mark.parametrize(
    ("cells", "category"), [("0.9", "complete"), ("1.0", "complete"), ("1.1", "partial"), ("6", "partial"), ("6.1", "none")]
)
def test_the_first_category_that_holds_is_the_response_and_thresholds_belong_to_the_side_that_is_written(
    cells: str, category: str
) -> None:
    script = Script()
    script.treat()
    script.visit(8, "week", 1, **bloods(cells))
    assert assessed(script, 8).category == category


def test_a_value_in_another_unit_is_the_same_value() -> None:
    script = Script()
    script.treat()
    script.visit(8, "week", 1, **bloods("1000 /uL"))
    assert assessed(script, 8).category == "complete"


def test_a_response_whose_count_is_missing_is_unknown_and_never_none() -> None:
    script = Script()
    script.treat()
    script.visit(8, "week", 1, anc="4.1", bilirubin="10")
    found = assessed(script, 8)
    assert (found.category, found.assessable, found.confirmed) == ("", True, False)
    assert [getattr(one, "variable", "") for one in found.missing] == ["cells"]


def test_a_better_category_that_cannot_be_ruled_out_makes_the_response_unknown() -> None:
    script = Script(edited("when: cells <= target}", "when: cells <= target and symptoms = absent}"))
    script.treat()
    script.visit(8, "week", 1, **bloods("0.9"))
    assert assessed(script, 8).category == ""
    script.visit(9, symptoms="worse")
    assert assessed(script, 9).category == "partial"


def test_a_count_that_is_too_old_decides_nothing() -> None:
    script = Script()
    script.treat()
    script.visit(8, "week", 1, **bloods("0.9"))
    assert [assessed(script, day).category for day in (10, 11, 12)] == ["complete", "complete", ""]


@pytest.mark.parametrize(
    ("change", "stop_day", "day", "assessable"),
    [
        ("new", None, 8, False),
        ("increased", None, 8, False),
        ("stable", None, 8, True),
        ("new", 3, 8, False),
        ("new", 1, 8, False),
        ("new", 3, 15, True),
    ],
)
def test_a_response_is_not_assessable_under_a_new_steroid_and_for_a_week_after_it(
    change: str, stop_day: int | None, day: int, assessable: bool
) -> None:
    script = Script()
    script.treat()
    started = script.do(
        asked.StartMedication(participant="P1", on=on_day(1), group="steroid", name="prednisone", change=change)  # type: ignore[arg-type]
    )
    if stop_day is not None:
        script.do(asked.StopMedication(participant="P1", on=on_day(stop_day), medication=started.entries[0].sequence))
    script.visit(day, **bloods("0.9"))
    found = assessed(script, day)
    assert found.assessable is assessable
    assert found.category == ("complete" if assessable else "")


def test_a_response_that_is_not_assessable_raises_no_dose() -> None:
    script = Script()
    script.treat()
    script.do(asked.StartMedication(participant="P1", on=on_day(2), group="steroid", name="prednisone", change="new"))
    script.visit(8, "week", 1, **bloods("12"))
    advice = advise(script.trial.protocol, script.person(), on_day(8))
    assert advice is not None
    assert (advice.act, advice.blocked_by) == (Act.SAME, ("escalate",))


CONFIRMING = [
    ("the next count a week later confirms", [(8, "0.9"), (15, "0.8")], [False, True]),
    ("six days are too few", [(8, "0.9"), (14, "0.8")], [False, False]),
    ("a count in between that agrees does no harm", [(8, "0.9"), (12, "0.9"), (15, "0.8")], [False, False, True]),
    (
        "a count in between that disagrees begins anew",
        [(8, "0.9"), (12, "3"), (16, "0.8"), (23, "0.8")],
        [False, False, False, True],
    ),
    ("the first response is never confirmed by itself", [(8, "0.9")], [False]),
]


@pytest.mark.parametrize(("why", "counts", "confirmed"), CONFIRMING, ids=[row[0] for row in CONFIRMING])
def test_a_response_is_confirmed_at_the_next_count_a_week_or_more_later(
    why: str, counts: list[tuple[int, str]], confirmed: list[bool]
) -> None:
    script = Script()
    script.treat()
    for day, cells in counts:
        script.visit(day, **bloods(cells))
    assert [fact.confirmed for fact in script.person().responses] == confirmed, why


def test_a_visit_recorded_late_stands_where_its_date_is() -> None:
    script = Script()
    script.treat()
    script.visit(15, "week", 2, **bloods("0.8"))
    script.do(
        asked.RecordVisit(participant="P1", on=on_day(8), encounter="week", occurrence=1, values=bloods("0.9"), limits={}),
        at=script.trial.entries[-1].recorded_at + timedelta(days=1),
    )
    assert [(fact.on, fact.confirmed) for fact in script.person().responses] == [(on_day(8), False), (on_day(15), False)]
    assert assessed(script, 15).confirmed


def test_the_baseline_is_the_last_value_up_to_the_first_dose() -> None:
    script = Script()
    script.enrol()
    script.visit(-2, **bloods("10"))
    script.visit(1, "first_dose", anc="4.1", bilirubin="10")
    script.dose(1, "100")
    script.visit(8, "week", 1, **bloods("5"))
    assert assessed(script, 8).category == "partial"
    assert assessed(script, 8, cells="5.1").category == "none"


def test_a_derived_value_stands_on_the_days_on_which_all_its_parts_were_measured() -> None:
    script = Script()
    script.treat()
    script.visit(8, "week", 1, **bloods(), wbc="10.0", share="33.3")
    script.visit(9, wbc="20.0")
    readings = Readings(script.trial.protocol, script.person(), on_day(9))
    assert [(point.on, point.display) for point in readings.series("part")] == [(on_day(8), "3.33")]


def test_a_derived_value_may_read_the_baseline() -> None:
    script = Script(edited("derive: wbc * share", "derive: baseline wbc - wbc"))
    script.enrol()
    script.visit(-1, wbc="12.5")
    script.visit(1, "first_dose", **bloods())
    script.dose(1, "100")
    script.visit(8, "week", 1, wbc="10.0")
    point = Readings(script.trial.protocol, script.person(), on_day(8)).current("part")
    assert point is not None
    assert (point.display, len(point.entries)) == ("2.5", 2)


RELAPSING = [
    ("twice, a week apart, after a response", [(8, "0.9"), (15, "6"), (22, "6")], [22]),
    ("once is not enough", [(8, "0.9"), (15, "6")], []),
    ("six days apart are not enough", [(8, "0.9"), (15, "6"), (21, "6")], []),
    ("not without a response before", [(8, "9"), (15, "9"), (22, "9")], []),
    ("not with a good count in between", [(8, "0.9"), (15, "6"), (18, "2"), (25, "6")], []),
    ("it is reached once", [(8, "0.9"), (15, "6"), (22, "6"), (29, "7")], [22]),
]


@pytest.mark.parametrize(("why", "counts", "reached"), RELAPSING, ids=[row[0] for row in RELAPSING])
def test_a_derived_state_is_reached_as_the_file_says(why: str, counts: list[tuple[int, str]], reached: list[int]) -> None:
    script = Script()
    script.treat()
    for day, cells in counts:
        script.visit(day, **bloods(cells))
    assert [one.on for one in script.person().states] == [on_day(day) for day in reached], why


def test_starting_a_named_medication_reaches_the_state_too() -> None:
    script = Script()
    script.treat()
    script.visit(8, "week", 1, **bloods("0.9"))
    script.do(asked.StartMedication(participant="P1", on=on_day(20), group="rescue", name="hydroxyurea", change="new"))
    assert [one.on for one in script.person().states] == [on_day(20)]


def test_the_best_category_stands_first_in_the_file_and_last_in_the_scope() -> None:
    assert tiny().scope.responses["main"] == ("none", "partial", "complete")
