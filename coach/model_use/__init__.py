"""Records model calls and their cost, and enforces the daily ceiling that stops new sessions."""
