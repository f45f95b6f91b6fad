"""Imported last by the fork server of tests/programs.py: exempts the libraries from garbage collection in its forks."""

import gc

gc.collect()
gc.freeze()
