"""Filing many initial registrations from one Excel workbook: all of them or none.

`columns` is the template as a table, `workbook` reads and writes files, `checking` says what is
wrong with which cell, `filing` takes a workbook in and files it.
"""
