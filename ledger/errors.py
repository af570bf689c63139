"""The root of what stops the ledger; each member stands in the module that raises it."""


class LedgerStoppedError(Exception):
    """Nothing is sequenced, signed or issued until an operator has looked."""
