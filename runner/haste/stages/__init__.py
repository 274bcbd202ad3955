"""One module per stage of a run: an action goes in, events come out."""
