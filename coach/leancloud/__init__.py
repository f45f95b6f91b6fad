"""LeanCloud as one place for records and audio: client, file store, outbox, and the way to leave it.

Its service ends on 2027-01-12. Only each app's own `leancloud.py` imports this app, so that it can be removed:
README.md says how.
"""
