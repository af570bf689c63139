"""Documents that state the register for a reader: extracts, searches, receipts, evidence.

Each kind is a module that turns a question into sections of words; drawing, sealing, entering in
the ledger and verifying are the same for all.
"""
