"""The database backend: Django's PostgreSQL backend with its own pool. Named in `DATABASES["ENGINE"]`."""
