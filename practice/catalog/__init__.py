"""Scenarios and skills: what trainees may choose from, and what curators do to it."""
