"""What may end or hold up a session by itself: time, silence, places, lost sockets, outages and clocks."""
