"""Shared by all pages: template tags, the import map, safe Markdown, page headers. Knows no app."""
