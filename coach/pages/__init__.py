"""Shared by all pages: template tags, static files, safe Markdown, page headers. Knows no app."""
