"""The public page of a study: one registry record, for patients and professionals, without script or outside request."""

from trialwright.report.study_page.extras import Assumption, DoseRules, PageExtras
from trialwright.report.study_page.from_protocol import page_extras
from trialwright.report.study_page.page import render_study_page, study_page_body, study_page_css

__all__ = ["Assumption", "DoseRules", "PageExtras", "page_extras", "render_study_page", "study_page_body", "study_page_css"]
