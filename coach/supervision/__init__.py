"""What `scripts/up` runs once everything is installed: all parts of the coach, kept alive, stopped whole."""
