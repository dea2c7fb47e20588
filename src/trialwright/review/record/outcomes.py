"""Outcomes of a record: whether they exist, can be measured, say when, and answer the stated objectives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from trialwright.registry.record_parts import Outcome
from trialwright.review.record.subject import DESCRIPTION, DESIGN, IDENTIFICATION, OUTCOMES, Margin, Subject, quoted
from trialwright.vocabulary.findings import Finding

_OUTCOMES_REQUIRED = date(2007, 12, 26)  # primary outcomes with their time frame became required (FDAAA, section 801)
_OUTCOMES_ASKED = date(2005, 9, 13)  # journals asked for them from then on (ICMJE, N Engl J Med 2005;352:2436-8)
_LONGEST_BARE = 6  # words; a longer measure says something of itself
_SHOWN = 4
_TITLE_WORDS = 2  # "Primary", "Phase II": a list's own headings

_VAGUE = re.compile(
    r"^(?:the |overall |clinical |objective |tumou?r |treatment |therapeutic |disease |drug |general |evaluation of |"
    r"assess(?:ment of)? )*"
    r"(?P<head>respon[sc]e|efficacy|effectiveness|toxicity|tolerability|safety|side effects?|activity|antitumou?r activity|"
    r"benefit|improvement|outcomes?|success|feasibility|morbidity|symptoms?|compliance|quality of life)"
    r"(?: rates?| of treatment| of therapy| to treatment| to therapy)?"
    r"(?: and (?:tolerability|safety|efficacy|toxicity|feasibility))?\W*$",
    re.IGNORECASE,
)
_CRITERIA_NAMED = re.compile(
    r"\b(?:RECIST|WHO criteria|Cheson|Lugano|IMWG|EBMT|IWG|ELN|RANO|MacDonald|Choi|mRECIST|PCWG\d?|GCIG|CTCAE|CTC|NCI-?CTC|INRC|"
    r"common (?:terminology|toxicity) criteria|SWOG (?:response )?criteria|response criteria|criteria (?:for|of) response)\b",
    re.IGNORECASE,
)
_DEFINES = (
    r"(?:defin\w+|means?\b|considered|classif\w+|measur\w+|assess\w+ (?:by|with|using)|evaluat\w+ (?:by|with|using)|scor\w+|"
    r"grad\w+)"
)
_SCALE = re.compile(
    r"\b(?:CTCAE|CTC|common (?:terminology|toxicity) criteria|MedDRA|grad(?:e|ed|ing)|WHO (?:criteria|scale|toxicity))\b", re.I
)
_ADVERSE = re.compile(r"\badverse (?:events?|effects?|reactions?)\b|\btoxicit\w+|\bside effects?\b", re.IGNORECASE)
_LASTING = re.compile(
    r"\blong[\s-]?term\b|\bduration of (?:\w+ )?(?:responses?|remissions?)\b|\brelapse\b|\brecurrence\b|\bsurvival\b", re.I
)
_SAYS_WHEN = re.compile(r"\b(?:at|in|for|over|to)\s+[\d, and]+(?:-\s*)?(?:days?|weeks?|months?|years?)\b", re.IGNORECASE)
_FOLLOWED = re.compile(
    r"(?:follow(?:ed|[\s-]?up)?|observ(?:ed|ation)|monitored)\b[^.\n]{0,90}?\b(?:\d+|one|two|three|four|five|six|ten|twelve)[\s-]*"
    r"(?:days?|weeks?|wks?|months?|mos?|years?|yrs?)\b|\buntil (?:death|progression|relapse)\b|\blife-?long\b|\bannually\b"
    r"|\b\d+[\s-]*(?:months?|years?|weeks?)[\s-]*(?:of )?(?:follow|observation|overall|event|disease|progression|survival)",
    re.IGNORECASE,
)
_SIZE_REASON = re.compile(
    r"\b(?:power(?:ed)?|sample size|type I|alpha|two-stage|simon|stages?\b.{0,40}accru|hypothes[ie]s|null|confidence interval|"
    r"significan\w+|precision|statistical\w*|pilot|feasibility|exploratory|accru\w+|dose[\s-]?escalation|cohorts? of)\b",
    re.IGNORECASE,
)


def check_outcomes(subject: Subject) -> Iterator[Finding]:
    """Outcomes that are missing, bare, without a time, without a length of follow-up; objectives that nothing measures."""
    if not subject.is_interventional:
        return
    yield from _primary(subject)
    yield from _secondary_times(subject)
    yield from _undefined(subject)
    yield from _sample_size(subject)
    if subject.outcomes:
        yield from _objectives(subject)
        yield from _follow_up(subject)
        yield from _scale(subject)


def _primary(subject: Subject) -> Iterator[Finding]:
    record, margin = subject.record, Margin(subject)
    place = f"{OUTCOMES}.primaryOutcomes"
    if not subject.primary_outcomes:
        submitted = record.first_submitted_on.first_day if record.first_submitted_on else None
        if submitted and submitted >= _OUTCOMES_ASKED:
            make = margin.warning if submitted >= _OUTCOMES_REQUIRED else margin.note
            yield make("TW-R030", place, "The study has no primary outcome", "Nobody can say what it was to show.", ("name one",))
        return
    bare = [one for one in subject.primary_outcomes if not one.time_frame]
    if bare:
        yield margin.warning(
            "TW-R031",
            f"{place}[{subject.primary_outcomes.index(bare[0])}].timeFrame",
            _primary_words(len(bare), len(subject.primary_outcomes)),
            f"{_list(bare)}.",
            ("state the time frame",),
        )


def _primary_words(count: int, of: int) -> str:
    if of == 1:
        return "The primary outcome has no time at which it is measured"
    return f"{count} of {of} primary outcomes state no time at which they are measured"


def _secondary_times(subject: Subject) -> Iterator[Finding]:
    bare = [one for one in subject.secondary_outcomes if not one.time_frame]
    if bare:
        total = len(subject.secondary_outcomes)
        which = "The secondary outcome states" if total == 1 else f"{len(bare)} of {total} secondary outcomes state"
        yield Margin(subject).note(
            "TW-R032",
            f"{OUTCOMES}.secondaryOutcomes",
            f"{which} no time at which {'it is' if total == 1 else 'they are'} measured",
            f"{_list(bare)}.",
            ("state the time frame of each",),
        )


def _undefined(subject: Subject) -> Iterator[Finding]:
    for index, outcome in enumerate(subject.primary_outcomes):
        found = _VAGUE.match(outcome.measure)
        if not found or outcome.description or len(outcome.measure.split()) > _LONGEST_BARE:
            continue
        head = found["head"].lower()
        if _CRITERIA_NAMED.search(subject.whole_text) or _is_defined(head, subject.whole_text):
            continue
        yield Margin(subject).warning(
            "TW-R033",
            f"{OUTCOMES}.primaryOutcomes[{index}].measure",
            f"The primary outcome {quoted(outcome.measure, 60)} is not defined",
            f"Nothing in the record says what counts as {head}: no threshold, no criteria, no scale.",
            ("describe what is measured and what counts", "name the published criteria"),
        )


def _is_defined(head: str, text: str) -> bool:
    stem = re.escape(head[:6])
    near = rf"\b{stem}\w*[^.\n]{{0,50}}\b{_DEFINES}|\b{_DEFINES}[^.\n]{{0,50}}\b{stem}"
    return re.search(near, text, re.IGNORECASE) is not None


def _sample_size(subject: Subject) -> Iterator[Finding]:
    record = subject.record
    single = len(subject.arms) == 1 or (record.intervention_model == "SINGLE_GROUP" and not subject.arms)
    later = {"PHASE2", "PHASE3", "PHASE4"} & set(record.phases)
    if single and later and record.enrollment_count and not _SIZE_REASON.search(subject.whole_text):
        yield Margin(subject).note(
            "TW-R034",
            f"{DESIGN}.enrollmentInfo.count",
            f"Nothing justifies the number of {record.enrollment_count} participants in one arm",
            "The record states no hypothesis, no precision and no stopping rule, so the result can only be described.",
            ("say what the number was to show, or that it is a convenience sample",),
        )


@dataclass(frozen=True, slots=True)
class _Topic:
    """A kind of objective, how it is worded, and what among the outcomes would answer it."""

    name: str
    asked: re.Pattern[str]
    answered: re.Pattern[str]


def _topic(name: str, asked: str, answered: str) -> _Topic:
    return _Topic(name, re.compile(asked, re.IGNORECASE), re.compile(answered, re.IGNORECASE))


_TOPICS = (
    _topic(
        "long-term outcome",
        r"\blong[\s-]?term\s+(?:\w+\s+){0,2}(?:outcomes?|results?|effects?|efficacy|benefits?|follow[\s-]?up|surviv\w+|safety|tolerab\w+)",
        r"\blong[\s-]?term|surviv|\byears?\b|\byrs?\b|relaps|recurren|mortality|death|late\b|\b(?:2[4-9]|[3-9]\d|1\d\d)[\s-]*(?:months?|mos?)\b",
    ),
    _topic(
        "safety",
        r"\b(?:safety|toxicit\w+|tolerability|adverse|side effects?)\b",
        r"safety|toxic|tolera|adverse|side[\s-]effect|complication|morbidity|DLT|MTD|bleeding|h[a]?emorrhage|maximum|infection|death|grade|\bS?AEs?\b",
    ),
    _topic(
        "quality of life",
        r"\bquality of life\b",
        r"quality|QOL|QoL|SF-?\d|EQ-?5D|EORTC|FACT|questionnaire|function|well-?being|symptom|scale|PRO\b|status",
    ),
    _topic(
        "survival",
        r"\b(?:overall|event[\s-]free|disease[\s-]free|progression[\s-]free|failure[\s-]free|relapse[\s-]free)\s+survival\b",
        r"surviv|mortality|death|time to|relaps|failure|progress|recurren|alive|\bOS\b|\bPFS\b|duration|dead|lethal|control",
    ),
    _topic(
        "pharmacokinetics",
        r"\bpharmacokinetics?\b",
        r"pharmaco|\bPK\b|AUC|Cmax|clearance|concentration|half-?life|levels?|bioavailab|exposure|absor|dispos",
    ),
    _topic("cost", r"\bcost(?:s|[\s-]effectiveness)?\b", r"cost|econom|utili[sz]ation|resource|expens|price|\$"),
)
_BIOLOGICAL = _topic(
    "biological effects",
    r"\bbiological(?:\s+\w+)?\s+effects?\b|\beffects?\b[^.]{0,20}\bbiolog\w+",
    r"biolog|molecul|marker|gene|PCR|cytogen|immun|level|express|concentration|assay|serum|plasma|blood|cell|protein",
)
_NUMBERED = re.compile(r"(?:(?<=\s)|(?<=:)|(?<=\()|^)(?:\(?(\d)\)|(\d)\.)\s+")
_ASKS = re.compile(
    r"\b(?:assess|evaluat|determin|compar|estimat|investigat|stud(?:y|ied)|examin|describ|explor|document|objective|aim|purpose|goal)\w*",
    re.IGNORECASE,
)
_OBJECTIVES = re.compile(
    r"\bOBJECTIVES?\s*:(?P<body>.*?)(?=\n\s*(?:PROTOCOL )?OUTLINE\b|\bOUTLINE:|\bPROJECTED ACCRUAL\b|\Z)", re.DOTALL
)
_SENTENCE_END = re.compile(r"\.\s+(?=[A-Z])|\n\n")
_ITEM = re.compile(r"(?:^|\n)\s*\*\s+|(?:(?<=\s)|^)(?:I{1,3}|IV|VI{0,3}|IX|X)\.\s+")


def stated_objectives(subject: Subject) -> tuple[str, ...]:
    """The objectives that summary and description list one by one; none where they are not listed."""
    found: list[str] = []
    for text in (subject.record.brief_summary or "", subject.record.detailed_description or ""):
        block = _OBJECTIVES.search(text)
        if block:
            found += [part.strip() for part in _ITEM.split(block["body"]) if part and len(part.split()) > 2]
        else:
            found += _numbered_aims(text)
    return tuple(found)


def _numbered_aims(text: str) -> list[str]:
    """The items of "… to assess: 1) a; 2) b", where they count from 1 and something is asked before the first."""
    marks = list(_NUMBERED.finditer(text))
    numbers = [int(mark[1] or mark[2]) for mark in marks]
    if len(marks) < 2 or numbers != list(range(1, len(numbers) + 1)):
        return []
    lead = text[max(0, marks[0].start() - 120) : marks[0].start()]
    if not _ASKS.search(lead):
        return []
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    items = (text[mark.end() : end] for mark, end in zip(marks, ends, strict=True))
    return [_SENTENCE_END.split(item.strip())[0].strip(" ;,.\n") for item in items]


def _objectives(subject: Subject) -> Iterator[Finding]:
    measured = "\n".join((subject.outcome_text, *(arm.label or "" for arm in subject.arms)))
    found: dict[str, str] = {}
    for objective in stated_objectives(subject):
        for topic in _TOPICS:
            if topic.asked.search(objective) and not topic.answered.search(measured):
                found.setdefault(topic.name, objective)
    for name, objective in found.items():
        yield Margin(subject).note(
            "TW-R035",
            DESCRIPTION,
            f"No outcome measures the stated objective {quoted(name)}",
            f"The description wants {quoted(objective)}; the outcomes are {_list(subject.outcomes)}.",
            ("add an outcome measure", "drop the objective"),
        )
    title = subject.record.official_title or ""
    if _BIOLOGICAL.asked.search(title) and not _BIOLOGICAL.answered.search(measured):
        yield Margin(subject).note(
            "TW-R035",
            f"{IDENTIFICATION}.officialTitle",
            "The title promises biological effects, and no outcome measures one",
            f"The outcomes are {_list(subject.outcomes)}.",
            ("add an outcome measure", "change the title"),
        )


def _follow_up(subject: Subject) -> Iterator[Finding]:
    lasting = [
        one
        for one in subject.outcomes
        if _LASTING.search(one.measure) and not one.time_frame and not _SAYS_WHEN.search(one.measure)
    ]
    if lasting and not _FOLLOWED.search(subject.whole_text):
        yield Margin(subject).note(
            "TW-R036",
            OUTCOMES,
            f"{quoted(lasting[0].measure, 90)} needs a follow-up, and its length is stated nowhere",
            "Neither a time frame nor the description says how long participants are followed.",
            ("state how long, and how often, participants are followed",),
        )


def _scale(subject: Subject) -> Iterator[Finding]:
    adverse = [one for one in subject.outcomes if _ADVERSE.search(one.measure)]
    if adverse and not _SCALE.search(subject.whole_text):
        yield Margin(subject).note(
            "TW-R037",
            OUTCOMES,
            "Adverse events are an outcome, and no grading scale is named",
            f"{_list(adverse)}.",
            ("name the scale and its version, such as CTCAE 5.0",),
        )


def _list(outcomes: tuple[Outcome, ...] | list[Outcome]) -> str:
    shown = "; ".join(quoted(one.measure, 80) for one in outcomes[:_SHOWN])
    return f"{shown} and {len(outcomes) - _SHOWN} more" if len(outcomes) > _SHOWN else shown
