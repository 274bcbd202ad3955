"""The offline engineer: a catalogue of moves over typed plans, rendered into readable scripts."""
