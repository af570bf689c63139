"""Benchmarks: ratios within one run, to a plain INSERT, plain SHA-256 or one read by key."""
