"""The web process's outer layer: start and stop, foreign origins, refused requests, one error format."""
