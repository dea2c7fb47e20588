"""Estimators: pure functions from counts and times to numbers with intervals. No trial, log or table is known here."""
