"""The public page of a study: one registry record, for patients and professionals, without script or outside request."""

from trialwright.report.study_page.extras import Assumption, Doors, DoseRules, Nearby, PageExtras
from trialwright.report.study_page.from_protocol import page_extras
from trialwright.report.study_page.page import render_study_page, study_page_body, study_page_css, study_sites, title_of
from trialwright.report.study_page.words import LANGUAGES, label, number, spoken

__all__ = [
    "LANGUAGES",
    "Assumption",
    "Doors",
    "DoseRules",
    "Nearby",
    "PageExtras",
    "label",
    "number",
    "page_extras",
    "render_study_page",
    "spoken",
    "study_page_body",
    "study_page_css",
    "study_sites",
    "title_of",
]
