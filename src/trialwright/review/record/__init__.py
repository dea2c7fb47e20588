"""What an experienced reviewer would write in the margin of a plain registry record."""

from trialwright.review.record.review import review_record

__all__ = ["review_record"]
