"""Why a certificate cannot be drawn. Each refuses the issue: nothing is printed in its place."""


class RenderingError(Exception):
    """The statement cannot be drawn exactly as it is."""


class FontMissingError(RenderingError):
    """A font file is not installed; the message names the Debian package that brings it."""


class GlyphMissingError(RenderingError):
    """No font can draw a character; the message names each."""


class ForbiddenCharacterError(RenderingError):
    """A value holds control, bidirectional or otherwise invisible characters."""


class UnknownCodeError(RenderingError):
    """A coded value has no words."""


class TooTallError(RenderingError):
    """A text that must stand on one page is taller than a page."""
