"""The programs' door: ClinicalTrials.gov's API 2.0.5 under ``/api/v2``, and a few addresses of our own under ``/api``."""
