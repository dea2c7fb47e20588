"""When things are due: study days without a day 0, weeks, months, closed windows, early stops, facts that bring a visit."""

from datetime import date, timedelta

import pytest
from tests.tiny_protocol import FIRST_DOSE_ON, Script, bloods, edited, on_day, tiny

from trialwright.conduct import commands as asked
from trialwright.engine.plan import PlannedVisit, awaited, due
from trialwright.protocol.timing import TimingError, read_duration, read_moments, read_window

ANCHOR = date(2020, 1, 31)

# text · first and last date, counted from an anchor on 31 January 2020
MOMENTS = [
    ("day 1", (2020, 1, 31), (2020, 1, 31)),
    ("day -1", (2020, 1, 30), (2020, 1, 30)),
    ("day -28 .. -1", (2020, 1, 3), (2020, 1, 30)),
    ("day 3 .. 5", (2020, 2, 2), (2020, 2, 4)),
    ("week 1", (2020, 1, 31), (2020, 2, 6)),
    ("week 12", (2020, 4, 17), (2020, 4, 23)),
    ("week -1", (2020, 1, 24), (2020, 1, 30)),
    ("30 d after last dose", (2020, 3, 1), (2020, 3, 1)),
    ("month 1 after treatment stop", (2020, 2, 29), (2020, 2, 29)),
    ("month 13 after treatment stop", (2021, 2, 28), (2021, 2, 28)),
    ("1 year after enrolment", (2021, 1, 31), (2021, 1, 31)),
    ("3 mo before surgery", (2019, 10, 31), (2019, 10, 31)),
    ("days 1 .. 3 after consent", (2020, 2, 1), (2020, 2, 3)),
]


@pytest.mark.parametrize(("text", "first", "last"), MOMENTS, ids=[row[0] for row in MOMENTS])
def test_a_moment_falls_on_its_calendar_days(text: str, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    (moment,) = read_moments(text)
    assert moment.span(ANCHOR) == (date(*first), date(*last))


def test_a_list_of_weeks_after_a_milestone_counts_whole_weeks() -> None:
    moments = read_moments("weeks 2, 4, 8 after treatment stop")
    assert [moment.span(ANCHOR)[0] - ANCHOR for moment in moments] == [timedelta(14), timedelta(28), timedelta(56)]


@pytest.mark.parametrize(
    "text",
    [
        "day 0",
        "week 0",
        "day -1 .. 0",
        "day 5 .. 3",
        "12 weeks",
        "soon",
        "",
        "day",
        "day 1.5",
        "day 100000",
        "900 years after consent",
    ],
)
def test_what_is_no_time_says_so(text: str) -> None:
    with pytest.raises(TimingError):
        read_moments(text)


@pytest.mark.parametrize(
    ("text", "before", "after"), [("±3 d", 3, 3), ("-1 d .. +2 d", 1, 2), ("0 d .. 7 d", 0, 7), ("±1 wk", 7, 7)]
)
def test_a_window_says_how_many_days_early_and_late(text: str, before: int, after: int) -> None:
    window = read_window(text)
    assert (window.before, window.after) == (before, after)


@pytest.mark.parametrize("text", ["3 d", "+1 d .. +2 d", "±", "± three d", "1 d .. 2 d", "±3 parsec"])
def test_what_is_no_window_says_so(text: str) -> None:
    with pytest.raises(TimingError):
        read_window(text)


@pytest.mark.parametrize("text", ["7", "d", "7 parsec", "seven days", "1e3 d", "٣ d", "9" * 5000 + " d"])
def test_what_is_no_duration_says_so(text: str) -> None:
    with pytest.raises(TimingError):
        read_duration(text)


def test_a_visit_every_week_from_before_the_first_dose_steps_over_the_day_that_does_not_exist() -> None:
    protocol = tiny(edited("first: day 8", "first: day -13"))
    days = [
        moment.earliest.count for encounter in protocol.encounters if encounter.id == "week" for moment in encounter.occurrences
    ]
    assert days[:4] == [-13, -6, 2, 9]
    assert 0 not in days


def planned(script: Script, day: int, who: str = "P1") -> dict[tuple[str, int], PlannedVisit]:
    plan = due(script.trial.protocol, script.person(who), on_day(day))
    return {(visit.encounter, visit.occurrence): visit for visit in plan}


def waits(script: Script, day: int) -> tuple[str, ...]:
    return awaited(script.trial.protocol, script.person("P1"), on_day(day))


def test_before_the_first_dose_nothing_that_counts_from_it_is_planned() -> None:
    script = Script()
    script.enrol()
    assert planned(script, -1) == {}


@pytest.mark.parametrize(("day", "status"), [(6, "upcoming"), (7, "due"), (8, "due"), (10, "due"), (11, "overdue")])
def test_a_window_is_closed_at_both_ends(day: int, status: str) -> None:
    script = Script()
    script.treat()
    assert planned(script, day)["week", 1].status == status


def test_what_the_plan_waits_for_is_named_until_it_comes() -> None:
    script = Script()
    script.enrol()
    assert waits(script, -1)[0] == "first dose"
    script = Script()
    script.treat()
    assert "first dose" not in waits(script, 1) and "treatment stop" in waits(script, 1)
    script.do(asked.RecordDeath(participant="P1", on=on_day(9)))
    assert waits(script, 9) == ()


def test_screening_is_judged_once_the_first_dose_exists() -> None:
    script = Script()
    script.treat()
    screening = planned(script, 1)["screening", 1]
    assert (screening.earliest, screening.latest, screening.status) == (on_day(-28), on_day(-1), "done")


def test_a_missed_visit_that_was_held_after_all_is_done() -> None:
    script = Script()
    script.treat()
    script.do(asked.MissVisit(participant="P1", on=on_day(8), encounter="week", occurrence=1))
    assert planned(script, 9)["week", 1].status == "missed"
    script.visit(9, "week", 1, **bloods())
    assert planned(script, 9)["week", 1].status == "done"


def test_after_an_early_stop_the_rest_of_treatment_is_not_due_and_its_last_visit_is_due_the_day_after() -> None:
    script = Script()
    script.treat()
    script.do(asked.StopTreatment(participant="P1", on=on_day(20), reason="investigator"))
    plan = planned(script, 21)
    assert [number for name, number in plan if name == "week"] == [1, 2]
    assert plan["end", 1].target == on_day(21)
    assert plan["early", 1].target == on_day(20) + timedelta(14)
    assert plan["late", 1].target == date(2020, 8, 22)


def test_follow_up_that_counts_from_the_first_dose_is_still_due_after_an_early_stop() -> None:
    script = Script(edited("at: month 6 after treatment stop", "at: month 6 after first dose"))
    script.treat()
    script.do(asked.StopTreatment(participant="P1", on=on_day(20), reason="investigator"))
    assert planned(script, 21)["late", 1].target == date(2020, 8, 3)


@pytest.mark.parametrize("ending", ["death", "end of follow-up", "withdrawal"])
def test_nothing_is_due_after_the_end(ending: str) -> None:
    script = Script()
    script.treat()
    commands = {
        "death": asked.RecordDeath(participant="P1", on=on_day(9)),
        "end of follow-up": asked.EndFollowUp(participant="P1", on=on_day(9), reason="lost to follow-up"),
        "withdrawal": asked.WithdrawConsent(participant="P1", on=on_day(9), extent="all"),
    }
    script.do(commands[ending])
    assert {visit.status for visit in planned(script, 60).values()} == {"done"}
    assert "upcoming" in {visit.status for visit in planned(script, 8).values()}


def test_withdrawal_from_treatment_alone_leaves_the_visits() -> None:
    script = Script()
    script.treat()
    script.do(asked.WithdrawConsent(participant="P1", on=on_day(9), extent="treatment"))
    assert planned(script, 60)["week", 5].status == "overdue"


TRIGGERED = edited(
    "    - {id: end, epoch",
    "    - {id: check, epoch: treatment, on: unresolved adverse event grade >= 3, window: 0 d .. +2 d, do: [blood]}\n"
    "    - {id: end, epoch",
)


def test_a_visit_that_a_fact_brings_about_is_due_on_each_day_on_which_the_fact_began() -> None:
    script = Script(TRIGGERED)
    script.treat()
    assert ("check", 1) not in planned(script, 9)
    first = script.report(9, grade=3)
    assert planned(script, 9)["check", 1].target == on_day(9)
    follow = asked.FollowAdverseEvent(
        participant="P1", on=on_day(12), event=first.entries[0].sequence, grade=1, resolved_on=on_day(12)
    )
    script.do(follow)
    script.visit(10, "check", 1, **bloods())
    assert planned(script, 15)["check", 1].status == "done"
    script.report(20, grade=4)
    plan = planned(script, 23)
    assert [(number, visit.target, visit.status) for (name, number), visit in plan.items() if name == "check"] == [
        (1, on_day(9), "done"),
        (2, on_day(20), "overdue"),
    ]


def test_a_visit_may_count_from_another_visit_or_from_a_date_of_the_participant() -> None:
    text = edited("at: month 6 after treatment stop", "at: 10 d after surgery")
    script = Script(edited("at: weeks 2, 4 after treatment stop", "at: 3 d after first_dose", text))
    script.enrol()
    script.visit(-2, surgery="2020-01-20")
    script.visit(1, "first_dose", **bloods())
    plan = planned(script, 1)
    assert plan["late", 1].target == date(2020, 1, 30)
    assert plan["early", 1].target == FIRST_DOSE_ON + timedelta(3)


def test_the_last_dose_of_a_daily_drug_is_today_until_it_ends() -> None:
    text = edited("at: month 6 after treatment stop", "at: 30 d after last dose")
    script = Script(text)
    script.treat()
    assert planned(script, 10)["late", 1].target == on_day(40)
    script.do(asked.StopTreatment(participant="P1", on=on_day(12), reason="investigator"))
    assert planned(script, 20)["late", 1].target == on_day(42)


def test_visits_for_one_arm_are_planned_for_nobody_else() -> None:
    text = edited("{id: end, epoch: treatment, ", "{id: end, epoch: treatment, arms: [other], ")
    text = edited(
        "  only: {label: Only, receives: [drug]}\n",
        "  only: {label: Only, receives: [drug]}\n  other: {label: Other, receives: [drug]}\n",
        text,
    )
    script = Script(text)
    script.register()
    script.consent()
    script.screen()
    script.attest()
    script.do(asked.EnrolParticipant(participant="P1", on=on_day(-7), arm="only"))
    script.visit(1, "first_dose", **bloods())
    script.dose(1, "100")
    assert ("end", 1) not in planned(script, 5)
