"""Help during the talk, when a trainee asks for it: hints, and coaching after every third reply."""
