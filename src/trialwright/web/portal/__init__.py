"""Public pages: find a study, by place, and the study page."""
