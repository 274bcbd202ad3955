"""Tables: plans of features and models, the moves that change them, and how they become a script."""
