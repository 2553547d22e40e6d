"""Menus, banners and teasers out of raw web pages, line by line."""

from dragoman.corpus.boilerplate.stripping import strip_boilerplate, strip_texts

__all__ = ["strip_boilerplate", "strip_texts"]
