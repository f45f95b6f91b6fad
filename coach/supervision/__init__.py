"""What `scripts/up` runs once everything is installed: keeps all parts of the coach alive, and stops them together."""
