"""The evaluator that runs on this machine: behaviours by example, rules and few questions."""
