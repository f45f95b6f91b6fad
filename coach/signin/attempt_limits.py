"""How often somebody may try to sign in: trainees and the admin alike, as django-allauth writes rates."""

LIMITS = {
    "login": "30/m/ip",  # tries from one address
    "login_failed": "10/m/ip,5/5m/key",  # wrong passwords from one address; for one name, from anywhere
    "change_password": "5/m/user",
}
