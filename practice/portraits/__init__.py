"""Drawn portraits of the people in the scenarios: one style, made from a few words about how somebody looks."""
