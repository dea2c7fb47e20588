"""What an experienced reviewer would write in the margin of a plain registry record."""

from trialwright.review.record.review import review_record, review_records

__all__ = ["review_record", "review_records"]
