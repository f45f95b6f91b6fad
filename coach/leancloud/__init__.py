"""LeanCloud as one place where records and audio may be: client, file store, outbox, and the way out.

Its service ends on 2027-01-12. Nothing imports this app but what each app gives it in its own `leancloud.py`, so that
it can go: README.md says how.
"""
