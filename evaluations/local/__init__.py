"""The evaluator that runs on this machine, with fitted detectors, example lines and rules, but no language model."""
