"""The public page of a study: one registry record, for patients and professionals, without script or outside request."""

from trialwright.report.study_page.extras import Assumption, PageExtras
from trialwright.report.study_page.page import render_study_page, study_page_body, study_page_css

__all__ = ["Assumption", "PageExtras", "render_study_page", "study_page_body", "study_page_css"]
