"""Real input: the records of the Data Provenance Initiative through the whole procedure."""
