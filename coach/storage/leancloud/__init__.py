"""LeanCloud as one place where records and audio may be: client, file store, mirror, and the way out.

Its service ends on 2027-01-12; nothing outside this package depends on it.
"""
