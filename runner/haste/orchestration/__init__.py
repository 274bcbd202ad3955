"""The orchestrator's work between runs: rounds, judgements, promotions, reviews and retirement."""
