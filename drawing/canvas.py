"""A ReportLab canvas whose output depends on nothing but what is drawn and when it is dated."""

from datetime import datetime
from io import BytesIO
from time import gmtime

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import TimeStamp
from reportlab.pdfgen.canvas import Canvas

# Streams are binary (ASCII85 makes them a quarter longer).
rl_config.useA85 = 0


class PageCanvas(Canvas):  # type: ignore[misc] # ReportLab ships no types
    """An A4 canvas with its metadata, without ReportLab's default Helvetica and clock."""

    def __init__(
        self, *, title: str, author: str, created_at: datetime, language: str = "zh-CN"
    ) -> None:
        """Start a document dated ``created_at`` (aware UTC), in a language for readers aloud."""
        self._output = BytesIO()
        super().__init__(
            self._output,
            pagesize=A4,
            pageCompression=1,
            invariant=1,
            lang=language,
            pdfVersion=(1, 7),
        )
        self._doc._timeStamp = _stamp(created_at)  # noqa: SLF001 # invariant mode says the year 2000
        self.setTitle(title)
        self.setAuthor(author)
        self.setSubject(title)
        self.setCreator("Quanji")
        self.setViewerPreference("DisplayDocTitle", "true")

    def to_bytes(self) -> bytes:
        """Finish the document and return the file."""
        self.save()
        return self._output.getvalue()

    def _make_preamble(self) -> None:
        # ReportLab would select Helvetica, which is not embedded, on every page and form.
        self._preamble = "1 0 0 1 0 0 cm"


def _stamp(instant: datetime) -> TimeStamp:
    stamp = TimeStamp(invariant=1)
    stamp.t = instant.timestamp()
    stamp.lt = gmtime(stamp.t)
    stamp.YMDhms = tuple(stamp.lt)[:6]
    return stamp
