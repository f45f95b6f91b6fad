"""Drawn portraits of the people in the scenarios: one style, generated from a few words about a person's looks."""
