"""Where the web process meets the outside: its start and end, foreign origins, refused requests, one error format."""
