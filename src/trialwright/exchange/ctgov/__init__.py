"""ClinicalTrials.gov: records in (v2 JSON, classic XML) and out (v2 JSON). Never touches the network."""

from trialwright.exchange.ctgov.limits import Limits
from trialwright.exchange.ctgov.parse import Kept, Refusal
from trialwright.exchange.ctgov.read import Reading, iterate_records, read_records
from trialwright.exchange.ctgov.write import format_record, write_records

__all__ = ["Kept", "Limits", "Reading", "Refusal", "format_record", "iterate_records", "read_records", "write_records"]
