"""Read models over many runs, computed from their events and never stored."""
