"""The root of the package's error family; each member stands in the module that raises it."""


class TlogError(Exception):
    """Something about the log is malformed, unproven or unsigned."""
