"""Scenarios: which numbers are simulated how often, in which order, kept where, on which machines; and how they differ."""
