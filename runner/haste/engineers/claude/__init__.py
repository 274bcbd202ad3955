"""Claude as the engineer: prompts, replies and the ledger of what they cost."""
