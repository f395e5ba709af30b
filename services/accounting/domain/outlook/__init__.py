"""Outlook: where a figure goes, and how far that is from where it should be."""
