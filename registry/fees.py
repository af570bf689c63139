"""Amounts of fees, exactly: whole fen, written as yuan only for readers."""

FEN_IN_YUAN = 100


def yuan_text(fen: int) -> str:
    """Return an amount as ``1,234,567.80``, ``-0.05``."""
    yuan, rest = divmod(abs(fen), FEN_IN_YUAN)
    return f"{'-' if fen < 0 else ''}{yuan:,}.{rest:02d}"
