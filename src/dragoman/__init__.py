"""Dragoman turns a file of examples into a small text model that people can trust."""

__version__ = "0.1.0"
