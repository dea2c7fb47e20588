"""Reviews a protocol before anybody is treated by it, and plain registry records. Runs no trial and changes no file."""

from trialwright.review.checking import check
from trialwright.review.result import GuaranteeReport, History, HistoryStep, PolicyReport, Review

__all__ = ["GuaranteeReport", "History", "HistoryStep", "PolicyReport", "Review", "check"]
