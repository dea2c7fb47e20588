"""Figures as in a good journal: small frozen values in, one accessible SVG out, the same bytes every time."""
