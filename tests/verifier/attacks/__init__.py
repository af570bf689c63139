"""Hostile variants of a genuine certificate, by class, with what must be found of each."""
