"""What every page shares: template tags, the import map, safe Markdown, the headers of a page. Knows no app."""
