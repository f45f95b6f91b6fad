"""How this product talks to PostgreSQL: Django's backend with a pool of its own. Named in `DATABASES["ENGINE"]`."""
