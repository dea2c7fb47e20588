"""The record under review with what several checks need of it, read once; and how a finding about it is made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from trialwright.registry.eligibility_text import Criterion, EligibilityText, Side, plain, split_eligibility
from trialwright.registry.record import Record
from trialwright.registry.record_parts import Arm, Intervention, Location, Outcome
from trialwright.review.comparisons import normal
from trialwright.review.record.quantities import Said, read_statements
from trialwright.vocabulary.findings import Finding, Place, Severity

ELIGIBILITY = "protocolSection.eligibilityModule"
CRITERIA = f"{ELIGIBILITY}.eligibilityCriteria"
STATUS = "protocolSection.statusModule"
DESIGN = "protocolSection.designModule"
OUTCOMES = "protocolSection.outcomesModule"
ARMS = "protocolSection.armsInterventionsModule"
PLACES = "protocolSection.contactsLocationsModule"
IDENTIFICATION = "protocolSection.identificationModule"
DESCRIPTION = "protocolSection.descriptionModule"


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement about a variable and the criterion that makes it.

    Args:
        said: What is said.
        criterion: Where.
        plain: Whether it holds for everyone, without "if", "unless", a subgroup or an alternative.
    """

    said: Said
    criterion: Criterion
    plain: bool


class Subject:
    """One record under review. Everything derived is computed when first asked for.

    Args:
        record: The record.
        file: The file it came from, for places.
    """

    def __init__(self, record: Record, file: str) -> None:
        self.record = record
        self.file = file

    @cached_property
    def eligibility(self) -> EligibilityText:
        """The criteria, split."""
        return split_eligibility(self.record.eligibility_text)

    @cached_property
    def criteria(self) -> tuple[Criterion, ...]:
        """All criteria in the order of the text."""
        return self.eligibility.criteria

    @cached_property
    def arms(self) -> tuple[Arm, ...]:
        """The record's arms."""
        return self.record.arms

    @cached_property
    def interventions(self) -> tuple[Intervention, ...]:
        """The record's interventions."""
        return self.record.interventions

    @cached_property
    def locations(self) -> tuple[Location, ...]:
        """The record's sites."""
        return self.record.locations

    @cached_property
    def primary_outcomes(self) -> tuple[Outcome, ...]:
        """The record's primary outcomes."""
        return self.record.primary_outcomes

    @cached_property
    def secondary_outcomes(self) -> tuple[Outcome, ...]:
        """The record's secondary outcomes."""
        return self.record.secondary_outcomes

    @cached_property
    def statements(self) -> tuple[Stated, ...]:
        """Every numeric statement of the criteria, in order."""
        found: list[Stated] = []
        parents: list[Criterion] = []
        for criterion in self.criteria:
            parents = [one for one in parents if one.level < criterion.level and one.side is criterion.side]
            for segment in _segments(criterion):
                said = read_statements(segment)
                if said:
                    simple = _is_plain(criterion, segment, said, parents)
                    found += [Stated(one, criterion, simple) for one in said]
            parents.append(criterion)
        return tuple(found)

    @cached_property
    def has_one_population(self) -> bool:
        """Whether the criteria are one list: not a list for patients and another for controls, donors or parts."""
        titles = [heading.text.lower() for heading in self.eligibility.headings if heading.side]
        if any(sum(word in title for title in titles) > 1 for word in ("inclusion", "exclusion")):
            return False
        return not any(_FOR_SOME.search(one.text) for one in self.criteria)

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Primary, secondary and other outcomes."""
        return self.primary_outcomes + self.secondary_outcomes + self.record.other_outcomes

    @cached_property
    def titles(self) -> str:
        """Both titles, on two lines."""
        return "\n".join(filter(None, (self.record.brief_title, self.record.official_title)))

    @cached_property
    def description(self) -> str:
        """Summary and description without markup."""
        return "\n".join(plain(text) for text in (self.record.brief_summary, self.record.detailed_description) if text)

    @cached_property
    def treatment_text(self) -> str:
        """What arms and interventions say, without markup."""
        parts = [arm.description for arm in self.arms] + [one.description for one in self.interventions]
        return "\n".join(plain(text) for text in parts if text)

    @cached_property
    def outcome_text(self) -> str:
        """What outcomes say, without markup."""
        parts = (text for one in self.outcomes for text in (one.measure, one.description, one.time_frame))
        return "\n".join(plain(text) for text in parts if text)

    @cached_property
    def whole_text(self) -> str:
        """Every text of the record that a reader reads, without markup."""
        record = self.record
        names = [text for one in self.interventions for text in (one.name, *one.other_names) if text]
        labels = [arm.label for arm in self.arms if arm.label]
        lists = (*record.conditions, *record.keywords, *names, *labels)
        more = (record.masking_description, record.intervention_model_description, record.study_population, record.acronym)
        parts = (self.titles, self.description, self.treatment_text, self.outcome_text, *lists, *more)
        return "\n".join((*filter(None, parts), plain(self.record.eligibility_text or "")))

    @property
    def is_interventional(self) -> bool:
        """Whether participants are assigned to an intervention."""
        return self.record.study_type == "INTERVENTIONAL"

    def place(self, path: str) -> Place:
        """A place in the record's file by the path of a value."""
        return Place(self.file, path=path)

    def criterion_place(self, criterion: Criterion) -> Place:
        """The place of a criterion: the path of the text and the offsets in it."""
        return self.place(f"{CRITERIA}[{criterion.start}:{criterion.end}]")

    def name_of(self, criterion: Criterion) -> str:
        """How a reader finds a criterion: "inclusion 2", counted from 1."""
        match criterion.side:
            case Side.INCLUSION:
                side = self.eligibility.inclusion
            case Side.EXCLUSION:
                side = self.eligibility.exclusion
            case Side.UNPLACED:
                side = self.eligibility.unplaced
        word = "criterion" if criterion.side is Side.UNPLACED else criterion.side.value
        return f"{word} {side.index(criterion) + 1}"


@dataclass(frozen=True, slots=True)
class Margin:
    """Makes findings about one subject, so that each check only says code, weight, place and words."""

    subject: Subject

    def error(self, code: str, path: str | Criterion, title: str, detail: str = "", ways_out: tuple[str, ...] = ()) -> Finding:
        """A contradiction."""
        return self._finding(code, Severity.ERROR, path, title, detail, ways_out)

    def warning(self, code: str, path: str | Criterion, title: str, detail: str = "", ways_out: tuple[str, ...] = ()) -> Finding:
        """Something that probably ought to be changed."""
        return self._finding(code, Severity.WARNING, path, title, detail, ways_out)

    def note(self, code: str, path: str | Criterion, title: str, detail: str = "", ways_out: tuple[str, ...] = ()) -> Finding:
        """Something that a reader will ask about."""
        return self._finding(code, Severity.NOTE, path, title, detail, ways_out)

    def _finding(
        self, code: str, severity: Severity, path: str | Criterion, title: str, detail: str, ways_out: tuple[str, ...]
    ) -> Finding:
        place = self.subject.place(path) if isinstance(path, str) else self.subject.criterion_place(path)
        return Finding(code, severity, place, title, detail, ways_out)


def quoted(text: str, longest: int = 120) -> str:
    """Words of the record in quotation marks, cut where they are long."""
    short = text if len(text) <= longest else text[: longest - 1].rsplit(" ", 1)[0] + " …"
    return f"“{short}”"


_FOR_SOME = re.compile(r"^[\w\s-]{0,40}\bfor (?:participants?|patients?|subjects?) with(?:out)?\b[^.:]{0,30}:?$", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_PARTS = re.compile(
    r"(?:(?<=\s)|^)(?=(?:age|sex|menopausal status|performance status|life expectancy|hematopoietic|hepatic|renal|cardiovascular|"
    r"pulmonary|other|biologic therapy|chemotherapy|endocrine therapy|radiotherapy|surgery)\s*:)|(?<=[a-z)])[.;]\s+",
)
_BOTH_SEXES = re.compile(
    r"\b(?:male|males|men|man|boys|women|woman|female|females|girls)\s*(?:and/or|and|or|/|&|,)\s*(?:non-?pregnant\s+)?"
    r"(?:male|males|men|man|boys|women|woman|female|females|girls)\b|\b(?:either|both) (?:sex|gender)e?s?\b"
)
_NOT_EVERYONE = re.compile(
    r"""\b(?:if|unless|except\w*|when|whenever|where|only|either|cohorts?|arms?|groups?|strat\w+|phase|part|stages?|those|metast\w*|
    gilbert\w*|healthy|volunteers?|controls?|donors?|recipients?|parents?|parental|guardians?|tutors?|caregivers?|carers?|mothers?|
    fathers?|siblings?|sisters?|brothers?|relatives?|spouses?|partners?|famil\w+|probands?|physicians?|clinicians?|staff|sons?|
    daughters?|couples?|dyads?|wom[ae]n|females?|m[ae]n|males?|boys?|girls?|child(?:ren)?|infants?|newborns?|neonates?|bab(?:y|ies)|
    adolescents?|minors?|consent|assent|history|onset|since|prior|previous\w*|before|during|follow-?up|goal|preferr\w+|e\.g|such|
    example|may|optional|sub-?study|note|not|no|neither|cannot|ineligible|allowed|permitted|acceptable|eligible|approximately|
    average|mean|vaccin\w+|dose[sd]?|randomi[sz]\w+|days?|weeks?|within|nadir|ratio|increase\w*|decrease\w*|change\w*|loss|gain|
    baseline|supplement\w*|transfus\w+|risk|defined|categor\w+|tumou?rs?|siblings?|students?|pairs?)\b
    |\bfor\s|\bin\s+(?:patients|subjects|participants)|\*""",
    re.VERBOSE,
)
_FILLED = re.compile(
    r"\b(?:at (?:the )?time of (?:study )?(?:consent|enrol?lment|screening|entry|inclusion|registration|signing[\w\s]*consent)"
    r"|on (?:the )?day of[\w\s]*consent|inclusive|at (?:baseline|screening))\b"
)
_ALTERNATIVE = re.compile(r"\bor\b|\band/or\b")
_BESIDES = re.compile(r"\b(?:and|with|who|in|despite|but)\b|&")
_LISTS_ALTERNATIVES = re.compile(r"\b(?:either|any|one|1|two|2|some)\b|\bor:?$|\bif\b|\bcohort|\bgroup|\barm\b")
_ALLOWED = re.compile(r"\b(?:allowed|permitted|acceptable|recommended|preferred|include[ds]?)\b")


def _segments(criterion: Criterion) -> list[str]:
    """The parts of a criterion that stand for themselves, normalised; a short heading goes before each."""
    head = f"{criterion.heading}: " if 0 < len(criterion.heading) <= 20 else ""
    if not _DIGIT.search(criterion.text):
        return []
    return [part for part in _PARTS.split(normal(head + criterion.text)) if part and _DIGIT.search(part)]


def _is_plain(criterion: Criterion, segment: str, said: tuple[Said, ...], parents: list[Criterion]) -> bool:
    outside, at = [], 0
    for one in said:
        outside.append(segment[at : one.start])
        at = one.end
    rest = _FILLED.sub(" ", _BOTH_SEXES.sub(" ", " ; ".join((*outside, segment[at:]))))
    if (
        criterion.text.endswith((":", "："))
        or _NOT_EVERYONE.search(rest)
        or any(_LISTS_ALTERNATIVES.search(parent.text.lower()) for parent in parents)
    ):
        return False
    heading = criterion.heading.lower()
    if _ALLOWED.search(heading) or _NOT_EVERYONE.search(heading):
        return False
    return not (_BESIDES if criterion.side is Side.EXCLUSION else _ALTERNATIVE).search(rest)
