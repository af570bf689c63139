"""A naive register beside the real one, and histories that drive both."""
