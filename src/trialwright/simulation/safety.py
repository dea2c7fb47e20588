"""What a participant of a rehearsal tells at a visit: adverse events and their ends, and medication begun or ended."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from trialwright.conduct import commands as asked
from trialwright.simulation.habits import starts_course
from trialwright.simulation.harm import NEVER

if TYPE_CHECKING:
    from trialwright.simulation.participant import Participant


class Safety:
    """The adverse events and medication of one participant, as far as the site knows them."""

    def __init__(self, participant: Participant) -> None:
        self.participant = participant
        self._open: dict[str, tuple[int, int, int]] = {}
        self._told: set[tuple[str, int]] = set()
        self._courses: dict[str, tuple[int, int, str]] = {}

    def tell(self) -> None:
        """Report what began since the last visit, what has ended, and which medication is no longer taken."""
        person = self.participant
        day = person.day(person.now.date())
        for term, episode in person.lives.illness.episodes.items():
            begins, ends, grade = int(episode.begins[0]), int(episode.ends[0]), int(episode.grade[0])
            if begins != NEVER and begins <= day and (term, begins) not in self._told:
                self._report(term, begins, ends, grade, day)
        for term, (entry, ends, grade) in list(self._open.items()):
            if ends <= day:
                command = asked.FollowAdverseEvent(
                    participant=person.id, on=person.now.date(), event=entry, grade=grade, resolved_on=person.on(ends)
                )
                person.submit(command, person.coordinator)
                del self._open[term]
        self.end_courses(day)

    def _report(self, term: str, begins: int, ends: int, grade: int, day: int) -> None:
        person = self.participant
        episode = person.lives.illness.episodes[term]
        self._told.add((term, begins))
        resolved = ends <= day
        command = asked.ReportAdverseEvent(
            participant=person.id,
            on=person.on(begins),
            term=term,
            grade=grade,
            serious=bool(episode.serious[0]),
            related=bool(episode.related[0]),
            expected=bool(episode.expected[0]),
            aware_on=person.on(begins if episode.late[0] else day),
            resolved_on=person.on(ends) if resolved else None,
        )
        outcome = person.submit(command, person.coordinator)
        if not resolved:
            self._open[term] = (outcome.entries[0].sequence, ends, grade)

    def end_courses(self, day: int) -> None:
        """Record the end of medication that is no longer taken."""
        person = self.participant
        for name, (entry, until, _) in list(self._courses.items()):
            if until <= day:
                command = asked.StopMedication(participant=person.id, on=person.on(until), medication=entry)
                person.submit(command, person.coordinator)
                del self._courses[name]

    def start_courses(self, where: str, purpose: str, occurrence: int) -> None:
        """Begin the courses of medication whose condition holds and whose turn it is."""
        person = self.participant
        on = person.now.date()
        for course, when in zip(person.virtual.medication, person.stage.setting.expressions.medication, strict=True):
            taken = {group for _, _, group in self._courses.values()}
            if course.on != where or course.group in taken:
                continue
            draws = person.lives.people.draws
            if starts_course(draws, course.id, float(course.chance), purpose, occurrence)[0] and person.holds(when, on):
                command = asked.StartMedication(
                    participant=person.id, on=on, group=course.group, name=course.name, change=course.change
                )
                outcome = person.submit(command, person.coordinator)
                until = person.day(on + timedelta(days=course.days))
                self._courses[course.id] = (outcome.entries[0].sequence, until, course.group)
                person.lives.body.take(course.group, course.days, person.lives.everybody)
