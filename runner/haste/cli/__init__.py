"""`haste-run`: one module per group of commands."""
