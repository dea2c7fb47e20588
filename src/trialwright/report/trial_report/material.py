"""What every section of the trial report is made from, and the book of rows behind its numbers. Estimates nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from trialwright.analysis import AnalysisRun, Carried, Evidence
from trialwright.analysis.cohort import listed
from trialwright.analysis.result import Result
from trialwright.datasets.assessed import variables_of
from trialwright.datasets.followed import Followed
from trialwright.datasets.participants import baseline_point
from trialwright.engine.state import TrialState
from trialwright.log import Head
from trialwright.protocol.expressions import Kind
from trialwright.protocol.study import Protocol
from trialwright.report.document import Behind, Number, Words
from trialwright.report.figures.canvas import Frame
from trialwright.report.wording import behind_id, estimate_words, interval_words
from trialwright.vocabulary.findings import Finding

WATERMARK = "SIMULATED"


class Book:
    """The rows behind the numbers: one table per distinct set of rows, however many numbers come from it."""

    def __init__(self) -> None:
        self._kept: dict[str, Behind] = {}
        self._known: dict[Evidence, str] = {}

    def keep(self, wanted_id: str, title: str, evidence: Evidence, note: str = "") -> str:
        """Keep rows under an id, unless the same rows stand there already; return the id that a number may name."""
        if evidence in self._known:
            return self._known[evidence]
        rows = evidence.rows or (tuple("none" if index == 0 else "" for index in range(len(evidence.columns))),)
        self._kept[wanted_id] = Behind(wanted_id, title, evidence.columns, rows, note)
        self._known[evidence] = wanted_id
        return wanted_id

    def of(self, carried: Carried) -> str:
        """The id of the rows behind a result."""
        result = carried.result
        title = result.title[:1].upper() + result.title[1:]
        return self.keep(behind_id(result), title, carried.evidence, f"{result.population}. {capital(result.method)}.")

    def number(self, carried: Carried, text: str = "") -> Number:
        """A result's estimate in words (or other words for it), linked to the rows behind it."""
        return Number(text or result_words(carried.result), self.of(carried))

    @property
    def behind(self) -> tuple[Behind, ...]:
        """Every table, in the order in which its first number was printed."""
        return tuple(self._kept.values())


class Footnotes:
    """Caveats under a table: one mark per row, a sentence said once."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._said: dict[str, int] = {}

    def marked(self, title: str, result: Result) -> str:
        """The title with the mark of the result's caveats."""
        fresh = [note for note in result.notes if note not in self._said]
        shared = sorted({self._said[note] for note in result.notes if note in self._said})
        if not fresh:
            return f"{title} {''.join(f'[{number}]' for number in shared)}".strip()
        self._texts.append(" ".join([f"As {''.join(f'[{number}]' for number in shared)}."] * bool(shared) + fresh))
        self._said.update(dict.fromkeys(fresh, len(self._texts)))
        return f"{title} [{len(self._texts)}]"

    def words(self, *more: str) -> tuple[Words, ...]:
        """The footnotes in order, then sentences that belong to the whole table."""
        numbered = tuple((f"[{number}] {text}",) for number, text in enumerate(self._texts, start=1))
        return (*numbered, *((text,) for text in more))


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that the report is written from."""

    protocol: Protocol
    state: TrialState
    head: Head
    findings: tuple[Finding, ...]
    generated_at: datetime
    run: AnalysisRun
    everyone: tuple[Followed, ...]
    book: Book = field(default_factory=Book)

    @property
    def simulated(self) -> bool:
        """Whether the participants are simulated."""
        return self.state.simulated

    @property
    def people_word(self) -> str:
        """How participants are called on every mention."""
        return "simulated participants" if self.simulated else "participants"

    @property
    def enrolled(self) -> tuple[Followed, ...]:
        """Everybody who was enrolled."""
        return tuple(one for one in self.everyone if one.person.enrolled is not None)

    @property
    def treated(self) -> tuple[Followed, ...]:
        """Everybody who was enrolled and took a dose."""
        return tuple(one for one in self.enrolled if one.person.first_dose_on is not None)

    def frame(self, name: str, title: str) -> Frame:
        """A figure's frame, stamped where the participants are simulated."""
        return Frame(name, title, WATERMARK if self.simulated else "")

    def primary(self) -> Carried | None:
        """The first result of the first primary endpoint that counts responders (else of the first that was carried out)."""
        names = [name for one in self.protocol.file.objectives if one.rank == "primary" for name in one.endpoints]
        for name in names:
            found = self.run.of(name)
            if found:
                return found[0]
        return self.run.carried[0] if self.run.carried else None

    def primary_response(self) -> str | None:
        """The response that the first response endpoint counts (the first of the protocol, where none does)."""
        named = (one.response for one in self.protocol.file.endpoints.values() if one.measure == "response" and one.response)
        return next(named, next(iter(self.protocol.responses), None))

    def followed_variable(self) -> str | None:
        """The quantity that the primary response is read from, such as AEC."""
        response = self.protocol.responses.get(self.primary_response() or "")
        names = variables_of(response) if response else set()
        quantities = [name for name in self.protocol.file.variables if name in names and self._is_quantity(name)]
        return quantities[0] if quantities else None

    def _is_quantity(self, variable: str) -> bool:
        kind = self.protocol.scope.variables.get(variable)
        return kind is not None and kind.kind is Kind.QUANTITY

    def groupings(self) -> tuple[str, ...]:
        """Variables that the plan compares groups by, in its order."""
        named = (one.with_ for one in self.protocol.file.endpoints.values() if one.measure == "association" and one.with_)
        return tuple(dict.fromkeys(name for name in named if name in self.protocol.scope.variables))

    def group_of(self, one: Followed, index: int = 0) -> str:
        """A participant's group by the ``index``-th grouping; empty where there is none or it is not known."""
        names = self.groupings()
        point = baseline_point(one, names[index]) if index < len(names) else None
        return point.display if point else ""

    def unit_words(self, variable: str) -> str:
        """A variable's unit as people read it; empty for none."""
        kind = self.protocol.scope.variables.get(variable)
        return kind.unit.label if kind is not None and kind.unit is not None else ""


def result_words(result: Result) -> str:
    """A result's estimate in words; an infinite one is said to be so, and a mere table is referred to."""
    if result.estimate == math.inf and result.interval is not None:
        return f"not finite ({interval_words(result.interval, result.unit)})"
    if result.estimate is None and result.numerator is None and result.table is not None:
        return "see there"
    return estimate_words(result)


def rows_of(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Evidence:
    """Rows behind a number that no analysis carried."""
    return Evidence(tuple(columns), tuple(tuple(row) for row in rows))


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def entry_list(entries: Iterable[int]) -> str:
    """Log entries as text, in order."""
    return listed(str(entry) for entry in sorted(set(entries)))


def per_cent(part: int, whole: int) -> str:
    """Such as ``12 (48 %)``; the count alone where there is nobody."""
    return f"{part} ({part / whole * 100:.0f} %)" if whole else str(part)
