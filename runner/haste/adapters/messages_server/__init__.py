"""A Messages API on the loopback: to try a set-up without a key, and to play every bad day a service can have."""
