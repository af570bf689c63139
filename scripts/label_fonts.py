#!/usr/bin/env python3
"""Make the Songti of the certificate: the committed subsets of Noto Serif SC. Run by hand.

    npm pack @expo-google-fonts/noto-serif-sc@0.4.3
    tar --extract --gzip --file expo-google-fonts-noto-serif-sc-0.4.3.tgz
    .venv/bin/python scripts/label_fonts.py package

ReportLab draws TrueType outlines only, and Debian's Noto Serif CJK has PostScript ones; the npm
package carries the TrueType build under the SIL Open Font License. Each subset holds Latin,
punctuation, the signs and the 3755 common characters of GB 2312 (rows 1-9 and 16-55), and every
character that the drawing code itself prints. Values may hold any character: for those the
certificate falls back on Debian's fonts.
"""

import hashlib
import shutil
import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter  # type: ignore[import-untyped] # ships no types
from fontTools.ttLib import TTFont  # type: ignore[import-untyped] # ships no types

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "drawing" / "typefaces"
SOURCES = {
    "400Regular/NotoSerifSC_400Regular.ttf": (
        "c358a69de3df5f423a8946a7b03e3126fb6ba116f1130a463455b4e39e1f0742",
        "NotoSerifSC-Regular.ttf",
    ),
    "700Bold/NotoSerifSC_700Bold.ttf": (
        "9c6a2ba736e4b499c84f65ce366bd3625c0401885fd3e585ace50fb738b96ff6",
        "NotoSerifSC-Bold.ttf",
    ),
}
SIGN_ROWS, COMMON_ROWS = range(1, 10), range(16, 56)


def main(package: Path) -> None:
    """Write both subsets and the licence from the unpacked npm package."""
    characters = latin() | gb2312(SIGN_ROWS) | gb2312(COMMON_ROWS) | drawn()
    TARGET.mkdir(exist_ok=True)
    for source, (sha256, name) in SOURCES.items():
        content = (package / source).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            sys.exit(f"{source} is not the file whose SHA-256 is pinned here")
        write_subset(package / source, TARGET / name, characters)
    shutil.copyfile(package / "LICENSE_FONT", TARGET / "OFL.txt")


def write_subset(source: Path, target: Path, characters: set[str]) -> None:
    """Write a subset without hints and layout tables, the same bytes at every run."""
    options = Options(
        hinting=False, layout_features=[], notdef_outline=True, name_IDs=["*"], glyph_names=False
    )
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "STAT", "VORG"]
    with TTFont(source, recalcTimestamp=False) as font:
        subsetter = Subsetter(options)
        subsetter.populate(text="".join(sorted(characters)))
        subsetter.subset(font)
        font.save(target)


def latin() -> set[str]:
    """Return printable ASCII, Latin-1, Latin Extended-A and general punctuation."""
    blocks = (range(0x20, 0x7F), range(0xA0, 0x180), range(0x2010, 0x2028), range(0x2030, 0x205F))
    return {chr(code) for block in blocks for code in block}


def gb2312(rows: range) -> set[str]:
    """Return the characters that GB 2312 assigns in the given rows."""
    cells = (bytes((0xA0 + row, 0xA0 + cell)) for row in rows for cell in range(1, 95))
    return set("".join(cell.decode("gb2312", errors="ignore") for cell in cells))


def drawn() -> set[str]:
    """Return every character that stands in the source of the drawing."""
    sources = (ROOT / "certificates" / "drawing").glob("*.py")
    return {char for path in sources for char in path.read_text("utf-8") if char.isprintable()}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
