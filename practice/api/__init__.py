"""The HTTP API of sessions, turns, recordings, the catalogue and help: operations, records, fields and problems."""
