"""What each field of a protocol file is for, where its model does not say it; and a paragraph for each section.

`docs/reference/protocol-file.md` is written from the models and from this. A test sees that every field has a sentence and
that no sentence stands here for a field that is gone.
"""

SECTIONS = {
    "trialwright": "The file begins with the version of the language that it is written in.",
    "study": (
        "The registration, in the registry's own words. It is always public: the study page and the ClinicalTrials.gov v2 "
        "record come out of it whole (`trialwright page`, `trialwright publish`). What the record does not state is left out."
    ),
    "codes": (
        "Code lists by name. A list maps each code to its label, `HES: Hypereosinophilic syndrome`, or to a label with a "
        "`parent`, which makes the list a hierarchy: whoever has a code has every code above it."
    ),
    "variables": (
        "What is known of a participant, by name. An expression may use no other names. A value keeps its unit and is never "
        "converted; literals are."
    ),
    "parameters": (
        "The protocol's constants, by name, each with its source. `sensitivity` lists other values that the analysis tries "
        "beside the one in force; doses already given were driven by the one in force, and the report says so."
    ),
    "activities": (
        "What is done at a visit, by name, and the variables that it collects. Besides variables, an activity may collect "
        "`consent`, `adverse events`, `medication` and `dose`; a visit that collects `dose` is one at which a dose is advised."
    ),
    "eligibility": (
        "Inclusion and exclusion criteria in the record's order. Each has the record's words in `text`. `when` computes it; "
        "`attested` says what a named person judges, and then their judgement is wanted as well. One of the two must stand. An "
        "exclusion is written as what excludes, so that `when: age < 15 a` reads as its text does."
    ),
    "consent": "Who signs: rules in order, of which the first that holds applies.",
    "arms": "The arms of the running trial, by name, and which interventions each receives.",
    "randomization": (
        "How arms are allocated. The allocation list never stands in a protocol. This version does not allocate: enrolment into "
        "a randomized trial is refused (TW-C034)."
    ),
    "schedule": (
        "Epochs in order, and the visits in them. A visit stands once (`at`), is repeated (`every`, `first`, and `last` or "
        "`until`) or is brought about by a fact (`on`). How times are written: [Times](#times)."
    ),
    "medications": "Groups of concomitant medication that rules and endpoints name.",
    "responses": (
        "Ordered categories, best first; the first that holds applies, and an unknown one makes the category unknown. "
        "A `variant_of` is assessed beside the main definition and drives no dose."
    ),
    "states": "States that facts put a participant in, such as relapse. Reaching one is recorded once.",
    "dosing": (
        "For each intervention: its levels, and rules in order, of which the first that fires decides. A rule that is unknown "
        "decides nothing and lets nothing rise past it. `guarantees` are properties of everything that the engine advises; "
        "`check` proves or refutes each. See [how a dose is decided](../explanation/how-a-dose-is-decided.md)."
    ),
    "escalation": (
        "For trials that raise the dose from cohort to cohort: what a dose-limiting toxicity is, for whom and until when it "
        "counts. This version advises no cohort."
    ),
    "adverse_events": "How adverse events are graded, which are of special interest, and what must be reported how soon.",
    "populations": "Analysis sets by name. `treated` and `enrolled` are known by name; another needs `when`.",
    "objectives": "The questions of the trial, each with the endpoints that answer it.",
    "endpoints": (
        "Endpoints by name, each with its estimand (population, variable, intercurrent events) and its analysis. What a plan "
        "asks for and the program cannot carry out is no error: the report says it in a sentence."
    ),
    "sample_size": "How many participants and why, or `justification: none stated`, which `check` reports.",
    "testing": "How the error rate is kept over several tests.",
    "stopping": (
        "When the trial as a whole looks at itself, and what makes it stop, in words. Not public unless it says so. This "
        "version carries none of it out."
    ),
    "monitoring": (
        "Stopping rules that are computed from the counts of participants: conduct refuses enrolment once one says stop "
        "(TW-C036), and simulation obeys them. A look is at the first so many participants in order of enrolment. Not public "
        "unless it says so."
    ),
    "acknowledged": (
        "Findings that the author keeps, each with the reason. They stop nothing any more, and `check` and the report show them."
    ),
    "notes": "Anything for the next reader of the file.",
}

WHEN = "Holds where this expression is true"
OTHERWISE = "`true`: holds where nothing above did; instead of `when`"

MEANINGS = {
    "Resumption.when": WHEN,
    "Resumption.otherwise": OTHERWISE,
    "Rule.label": "Its name in pages; the `id` by default",
    "Rule.when": "The rule fires where this is true",
    "Rule.otherwise": "`true`: the rule fires where no rule above decided; instead of `when`",
    "Rule.resume": "Where a hold resumes to: [one target](#resumption), or a list of targets with conditions",
    "Guarantee.text": "The record's own words, verbatim",
    "Guarantee.always": "True of every advice",
    "Guarantee.never": "True of no advice; instead of `always`",
    "Regimen.cycles": "How many administrations or cycles are planned",
    "Regimen.route": "How it is given, in words",
    "Regimen.confirm": "Who decides the dose that is advised",
    "Regimen.override": "What a prescription against the advice needs; in this version, a reason in either case",
    "Regimen.rules": "In order; the first that fires decides",
    "Regimen.guarantees": "Properties of everything that is advised",
    "Response.label": "Its name in pages",
    "Response.variant_of": "The response that this is another definition of",
    "Response.confirm": "When a category counts as confirmed",
    "Response.not_assessable": "Where this is true, no category is given",
    "Response.categories": "Best first",
    "DerivedState.label": "Its name in pages",
    "DerivedState.when": "The state is reached where this is true (again, where `confirm` stands)",
    "DerivedState.confirm": "It must be seen again",
    "SpecialInterest.label": "Its name in pages; expressions use the key: `cardiac event`",
    "SpecialInterest.terms": "The terms that belong to it, as adverse events are coded",
    "ReportingClock.label": "What is reported to whom",
    "ReportingClock.within": "How soon after awareness: `24 h`, `7 d`",
    "AdverseEvents.grading": "The grading scale, such as CTCAE",
    "AdverseEvents.version": "Its version",
    "AdverseEvents.collected": "From when to when, in words",
    "AdverseEvents.special_interest": "Groups of terms by name",
    "AdverseEvents.causality": "The answers that causality may have",
    "AdverseEvents.reporting": "Reporting clocks; the strictest that an event starts counts",
    "Population.label": "Its name in tables",
    "Population.text": "Who belongs to it, in words",
    "Population.when": "Who belongs to it, computed",
    "Objective.rank": "How it ranks",
    "Objective.text": "The record's own words",
    "Objective.endpoints": "The endpoints that answer it",
    "Endpoint.label": "Its name in tables and figures",
    "Endpoint.measure": "What kind of quantity it is, which settles the fields that it needs",
    "Endpoint.response": "For a response: which",
    "Endpoint.category": "For a response: the category that counts as success, and every better one",
    "Endpoint.confirmed": "Whether it must be confirmed",
    "Endpoint.variable": "For a value or a change: the variable",
    "Endpoint.event": "For an event: the condition",
    "Endpoint.from": "For a time: time zero, a milestone such as `first dose`",
    "Endpoint.to": "For a time: [what is waited for](#events-that-endpoints-wait-for)",
    "Endpoint.competing": "For a time: events that end the waiting otherwise",
    "Endpoint.of": "For an association: the endpoint",
    "Endpoint.with": "For an association: the variable, or `arm`",
    "Endpoint.by": "The [time](#times) until which it counts",
    "Endpoint.at": "The [time](#times) at which it is read",
    "Endpoint.population": "The analysis set",
    "Endpoint.among": "Only those of whom this holds: an expression, or `response haematological complete`",
    "Endpoint.intercurrent": "Intercurrent events and how each is read",
    "Endpoint.summary": "The summary, such as `proportion` or `kaplan-meier`",
    "Endpoint.interval": "The interval and its level: `clopper-pearson 95 %`",
    "Endpoint.method": "Further words on the method",
    "Endpoint.multiplicity": "How multiplicity is controlled, or `none claimed`",
    "SampleSize.planned": "How many; enrolment is refused beyond it (TW-C032)",
    "SampleSize.justification": "Why so many, or `none stated`; a `design` stands for it",
    "SampleSize.p0": "The rate that would not be of interest",
    "SampleSize.p1": "The rate that the trial is to detect",
    "SampleSize.alpha": "Error of the first kind",
    "SampleSize.power": "Power at `p1`",
    "SampleSize.sided": "Whether the test is one- or two-sided",
    "SampleSize.hypothesis": "The hypothesis, in words",
    "SampleSize.hazard_ratio": "The hazard ratio to detect",
    "SampleSize.dropout": "The proportion expected to be lost",
    "Stage.n": "Participants at this look",
    "Stage.accept": "So many responders or fewer stop the trial; -1: never",
    "Stage.reject": "So many responders or more reject the null",
    "Interim.type": "The boundary, or the spending function it comes from",
    "Monitoring.rule": "How it is computed; `two-stage futility` is another word for `counts`",
    "Testing.procedure": "The procedure",
    "Testing.alpha": "The error rate of all tests together",
    "Testing.sided": "Whether tests are one- or two-sided",
    "StoppingRule.kind": "Why it would stop",
    "StoppingRule.rule": "The rule, in words",
    "Escalation.dlt": "An [expression](expressions.md): the participant has had a dose-limiting toxicity",
    "Escalation.design": "The design",
    "Escalation.cohort": "How many participants a cohort has",
    "Variable.label": "Its name in sentences and tables; the key by default",
    "Variable.type": "`quantity` has a unit; `code` and `set` have a code list; `flag` is yes or no; `text` is for people",
    "Variable.rounding": "`completed`: counted in completed units, as ages are",
    "Parameter.value": "A number with its unit",
    "Parameter.sensitivity": "Other values, tried in the analysis",
    "Activity.label": "Its name in pages",
    "Activity.collects": "Variables, or `consent`, `adverse events`, `medication`, `dose`",
    "Criterion.text": "The record's own words, verbatim",
    "Criterion.when": "What computes it",
    "Criterion.by": "Who attests it",
    "Eligibility.inclusion": "All must be met",
    "Eligibility.exclusion": "None may apply",
    "Consent.before": "Before what consent is given, in words; a visit before consent is a deviation",
    "Consent.rules": "In order; the first that holds applies",
    "Consent.reconsent_at": "The age at which a participant consents anew",
    "Encounter.label": "Its name in pages; the `id` by default",
    "Encounter.at": "[When](#times), counted from the first dose or another milestone",
    "Encounter.every": "The [distance](#durations) between repetitions",
    "Encounter.first": "The first [time](#times) of a repeated visit",
    "Encounter.last": "Its last time",
    "Encounter.until": "Its last time, by another name",
    "Encounter.window": "How early and late it [may be](#windows); not at all by default",
    "Encounter.do": "Activities, or variables by themselves",
    "Schedule.epochs": "In order",
    "Schedule.encounters": "The visits",
    "Schedule.unscheduled": "What a visit outside the plan does",
    "Medication.label": "Its name in pages",
    "Medication.terms": "Names that belong to it",
    "Randomization.ratio": "The allocation ratio: `1:1`",
    "Randomization.strata": "Variables that allocation is stratified by",
    "Randomization.method": "In words",
    "Randomization.blocks": "Block sizes",
    "Randomization.masked": "Whether allocation is masked",
    "Arm.label": "Its name in pages",
    "Arm.receives": "Interventions of the registration, by `id`",
    "PlainSummary.text": "The summary",
    "Confirmation.apart": "The least [distance](#durations) between the two: `7 d`",
    "Category.label": "Its name in pages; the `id` by default",
    "Category.when": WHEN,
    "Category.otherwise": OTHERWISE,
    "IntercurrentEvent.event": "The event; with ` before response` it counts only until then",
    "IntercurrentEvent.strategy": "How it is read (ICH E9(R1))",
    "IntercurrentEvent.reads": "For a composite: `failure` or `success`",
    "Acknowledgement.code": "The code of the finding",
    "Acknowledgement.path": "Where it stands, such as `eligibility.inclusion[1].when`; everywhere by default",
    "Acknowledgement.reason": "Why it is kept",
    "Code.label": "What it means",
    "Code.parent": "The code above it",
    "ConsentRule.when": WHEN,
    "ConsentRule.otherwise": OTHERWISE,
    "ConsentRule.by": "Who signs",
    "ConsentRule.assent": "Whether the minor assents as well",
    "Unscheduled.label": "Its name in pages",
    "Unscheduled.do": "Activities",
}
