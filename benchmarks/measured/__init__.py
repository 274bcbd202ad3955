"""What the benchmarks that compare whole runs share: results that can be gone on with, environments, intervals."""
