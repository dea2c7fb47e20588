"""The trial room, read-only: participants, one participant's course with every decision explained, estimates, log, report."""
