"""Drawing a certificate with ReportLab: typefaces, text, layout, guilloche, marks, pages."""
