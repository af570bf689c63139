"""Benchmarks of the ledger: ratios within one run, against a plain INSERT and plain SHA-256."""
