"""The trainee's pages: find a scenario, prepare, and the room."""
