"""Terms of the classic ClinicalTrials.gov XML and the v2 terms that they became.

Source: the registry's own list of enumerations (API v2, ``/studies/enums``), which names each term's legacy value; and,
for spellings that are older still, records processed before 2017. Never guesses: a value that is in no table stays as
it was written, and the reader says so.
"""

from __future__ import annotations

from collections.abc import Mapping

Terms = Mapping[str, str]

STATUS: Terms = {
    "Active, not recruiting": "ACTIVE_NOT_RECRUITING",
    "Completed": "COMPLETED",
    "Enrolling by invitation": "ENROLLING_BY_INVITATION",
    "Not yet recruiting": "NOT_YET_RECRUITING",
    "Recruiting": "RECRUITING",
    "Suspended": "SUSPENDED",
    "Terminated": "TERMINATED",
    "Withdrawn": "WITHDRAWN",
    "Available": "AVAILABLE",
    "No longer available": "NO_LONGER_AVAILABLE",
    "Temporarily not available": "TEMPORARILY_NOT_AVAILABLE",
    "Approved for marketing": "APPROVED_FOR_MARKETING",
    "Withheld": "WITHHELD",
    "Unknown status": "UNKNOWN",
}

DATE_KIND: Terms = {"Actual": "ACTUAL", "Anticipated": "ESTIMATED", "Estimate": "ESTIMATED", "Estimated": "ESTIMATED"}

AGENCY_CLASS: Terms = {
    "NIH": "NIH",
    "U.S. Fed": "FED",
    "FED": "FED",
    "OTHER_GOV": "OTHER_GOV",
    "INDIV": "INDIV",
    "Industry": "INDUSTRY",
    "INDUSTRY": "INDUSTRY",
    "NETWORK": "NETWORK",
    "AMBIG": "AMBIG",
    "Other": "OTHER",
    "OTHER": "OTHER",
    "Unknown": "UNKNOWN",
    "UNKNOWN": "UNKNOWN",
}

RESPONSIBLE_PARTY: Terms = {
    "Sponsor": "SPONSOR",
    "Principal Investigator": "PRINCIPAL_INVESTIGATOR",
    "Sponsor-Investigator": "SPONSOR_INVESTIGATOR",
}

STUDY_TYPE: Terms = {
    "Interventional": "INTERVENTIONAL",
    "Observational": "OBSERVATIONAL",
    "Observational [Patient Registry]": "OBSERVATIONAL",
    "Expanded Access": "EXPANDED_ACCESS",
}

PHASE: Terms = {
    "N/A": "NA",
    "Not Applicable": "NA",
    "Early Phase 1": "EARLY_PHASE1",
    "Phase 0": "EARLY_PHASE1",
    "Phase 1": "PHASE1",
    "Phase 2": "PHASE2",
    "Phase 3": "PHASE3",
    "Phase 4": "PHASE4",
}

ALLOCATION: Terms = {"Randomized": "RANDOMIZED", "Non-Randomized": "NON_RANDOMIZED", "N/A": "NA"}

INTERVENTION_MODEL: Terms = {
    "Single Group Assignment": "SINGLE_GROUP",
    "Parallel Assignment": "PARALLEL",
    "Crossover Assignment": "CROSSOVER",
    "Factorial Assignment": "FACTORIAL",
    "Sequential Assignment": "SEQUENTIAL",
}

PRIMARY_PURPOSE: Terms = {
    "Treatment": "TREATMENT",
    "Prevention": "PREVENTION",
    "Diagnostic": "DIAGNOSTIC",
    "Educational/Counseling/Training": "ECT",
    "Supportive Care": "SUPPORTIVE_CARE",
    "Screening": "SCREENING",
    "Health Services Research": "HEALTH_SERVICES_RESEARCH",
    "Basic Science": "BASIC_SCIENCE",
    "Device Feasibility": "DEVICE_FEASIBILITY",
    "Other": "OTHER",
}

MASKING: Terms = {
    "None (Open Label)": "NONE",
    "None": "NONE",
    "Open Label": "NONE",
    "No masking": "NONE",
    "Single": "SINGLE",
    "Single Blind": "SINGLE",
    "Double": "DOUBLE",
    "Double-Blind": "DOUBLE",
    "Double Blind": "DOUBLE",
    "Triple": "TRIPLE",
    "Quadruple": "QUADRUPLE",
}

WHO_MASKED: Terms = {
    "Participant": "PARTICIPANT",
    "Subject": "PARTICIPANT",
    "Care Provider": "CARE_PROVIDER",
    "Caregiver": "CARE_PROVIDER",
    "Investigator": "INVESTIGATOR",
    "Outcomes Assessor": "OUTCOMES_ASSESSOR",
}

OBSERVATIONAL_MODEL: Terms = {
    "Cohort": "COHORT",
    "Case-Control": "CASE_CONTROL",
    "Case Control": "CASE_CONTROL",
    "Case-Only": "CASE_ONLY",
    "Case-Crossover": "CASE_CROSSOVER",
    "Ecologic or Community": "ECOLOGIC_OR_COMMUNITY",
    "Family-Based": "FAMILY_BASED",
    "Defined Population": "DEFINED_POPULATION",
    "Natural History": "NATURAL_HISTORY",
    "Other": "OTHER",
}

TIME_PERSPECTIVE: Terms = {
    "Prospective": "PROSPECTIVE",
    "Retrospective": "RETROSPECTIVE",
    "Cross-Sectional": "CROSS_SECTIONAL",
    "Other": "OTHER",
}

ARM_TYPE: Terms = {
    "Experimental": "EXPERIMENTAL",
    "Active Comparator": "ACTIVE_COMPARATOR",
    "Placebo Comparator": "PLACEBO_COMPARATOR",
    "Sham Comparator": "SHAM_COMPARATOR",
    "No Intervention": "NO_INTERVENTION",
    "Other": "OTHER",
}

INTERVENTION_TYPE: Terms = {
    "Behavioral": "BEHAVIORAL",
    "Biological": "BIOLOGICAL",
    "Combination Product": "COMBINATION_PRODUCT",
    "Device": "DEVICE",
    "Diagnostic Test": "DIAGNOSTIC_TEST",
    "Dietary Supplement": "DIETARY_SUPPLEMENT",
    "Drug": "DRUG",
    "Genetic": "GENETIC",
    "Procedure": "PROCEDURE",
    "Radiation": "RADIATION",
    "Other": "OTHER",
}

SEX: Terms = {"All": "ALL", "Both": "ALL", "Female": "FEMALE", "Male": "MALE"}

SAMPLING: Terms = {
    "Probability Sample": "PROBABILITY_SAMPLE",
    "Non-Probability Sample": "NON_PROBABILITY_SAMPLE",
}

RETENTION: Terms = {
    "None Retained": "NONE_RETAINED",
    "Samples With DNA": "SAMPLES_WITH_DNA",
    "Samples Without DNA": "SAMPLES_WITHOUT_DNA",
}

ROLE: Terms = {
    "Study Chair": "STUDY_CHAIR",
    "Study Director": "STUDY_DIRECTOR",
    "Principal Investigator": "PRINCIPAL_INVESTIGATOR",
    "Sub-Investigator": "SUB_INVESTIGATOR",
}

IPD_SHARING: Terms = {"Yes": "YES", "No": "NO", "Undecided": "UNDECIDED"}

IPD_INFO: Terms = {
    "Study Protocol": "STUDY_PROTOCOL",
    "Statistical Analysis Plan (SAP)": "SAP",
    "Informed Consent Form (ICF)": "ICF",
    "Clinical Study Report (CSR)": "CSR",
    "Analytic Code": "ANALYTIC_CODE",
}

MEASURE_PARAM: Terms = {
    "Geometric Mean": "GEOMETRIC_MEAN",
    "Geometric Least Squares Mean": "GEOMETRIC_LEAST_SQUARES_MEAN",
    "Least Squares Mean": "LEAST_SQUARES_MEAN",
    "Log Mean": "LOG_MEAN",
    "Mean": "MEAN",
    "Median": "MEDIAN",
    "Number": "NUMBER",
    "Count of Participants": "COUNT_OF_PARTICIPANTS",
    "Count of Units": "COUNT_OF_UNITS",
}

DISPERSION: Terms = {
    "Standard Deviation": "STANDARD_DEVIATION",
    "Standard Error": "STANDARD_ERROR",
    "Inter-Quartile Range": "INTER_QUARTILE_RANGE",
    "Full Range": "FULL_RANGE",
    "80% Confidence Interval": "CONFIDENCE_80",
    "90% Confidence Interval": "CONFIDENCE_90",
    "95% Confidence Interval": "CONFIDENCE_95",
    "97.5% Confidence Interval": "CONFIDENCE_975",
    "99% Confidence Interval": "CONFIDENCE_99",
    "Geometric Coefficient of Variation": "GEOMETRIC_COEFFICIENT",
}

ANALYSIS_DISPERSION: Terms = {
    "Standard Deviation": "STANDARD_DEVIATION",
    "Standard Error of the Mean": "STANDARD_ERROR_OF_MEAN",
}

OUTCOME_TYPE: Terms = {
    "Primary": "PRIMARY",
    "Secondary": "SECONDARY",
    "Other Pre-specified": "OTHER_PRE_SPECIFIED",
    "Post-Hoc": "POST_HOC",
}

SIDES: Terms = {"1-Sided": "ONE_SIDED", "2-Sided": "TWO_SIDED"}

NON_INFERIORITY: Terms = {
    "Superiority": "SUPERIORITY",
    "Non-Inferiority": "NON_INFERIORITY",
    "Equivalence": "EQUIVALENCE",
    "Other": "OTHER",
    "Non-Inferiority or Equivalence": "NON_INFERIORITY_OR_EQUIVALENCE",
    "Superiority or Other": "SUPERIORITY_OR_OTHER",
    "Non-Inferiority or Equivalence (legacy)": "NON_INFERIORITY_OR_EQUIVALENCE_LEGACY",
    "Superiority or Other (legacy)": "SUPERIORITY_OR_OTHER_LEGACY",
}

ASSESSMENT: Terms = {
    "Systematic Assessment": "SYSTEMATIC_ASSESSMENT",
    "Non-systematic Assessment": "NON_SYSTEMATIC_ASSESSMENT",
}
