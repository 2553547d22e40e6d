"""The front door: one file a verb, arguments to calls."""
