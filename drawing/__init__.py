"""Putting text on A4 pages, the same bytes every time: type, lines, rows, colours, dates."""
