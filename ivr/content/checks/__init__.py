"""Checks of the files of a site. Each fault is an issue with its file, place and remedy."""
