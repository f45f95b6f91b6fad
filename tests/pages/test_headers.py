"""The headers that every page sends."""

import json
import re
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils import translation


@pytest.fixture
def page(client: Client, db: None):
    return client.get("/")


def policy(page) -> dict[str, list[str]]:
    return {name: values for name, *values in map(str.split, page["Content-Security-Policy"].split(";")) if name}


def test_scripts_and_styles_come_only_from_our_origin(page) -> None:
    rules = policy(page)
    assert rules["style-src"] == ["'self'"]
    assert "'unsafe-inline'" not in page["Content-Security-Policy"]
    assert "'unsafe-eval'" not in page["Content-Security-Policy"]
    assert rules["object-src"] == rules["base-uri"] == rules["frame-ancestors"] == ["'none'"]


def test_a_page_has_no_inline_script(page) -> None:
    assert re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", page.content.decode()) == []
    assert policy(page)["script-src"] == ["'self'", "'wasm-unsafe-eval'"]


def test_no_template_uses_an_inline_style_or_handler() -> None:
    # This page is shown when no style sheet can be served; its own policy allows its style by hash.
    alone = ("plain.html",)
    offences = [
        f"{path.name}: {found}"
        for path in Path(settings.TEMPLATES[0]["DIRS"][0]).rglob("*.html")
        if "admin" not in path.parts and path.name not in alone
        for found in re.findall(r'\s(?:style|on[a-z]+)="[^"]*"|<style', path.read_text("utf-8"))
    ]
    assert offences == []


def test_the_microphone_is_the_only_permitted_device(page) -> None:
    assert "microphone=(self)" in page["Permissions-Policy"]
    assert "camera=()" in page["Permissions-Policy"]
    assert page["Referrer-Policy"] == "same-origin"
    assert page["X-Content-Type-Options"] == "nosniff"
    assert page["Cross-Origin-Opener-Policy"] == "same-origin"
    assert page["X-Frame-Options"] == "DENY"


def test_htmx_is_configured_for_the_policy(page) -> None:
    config = json.loads(unescape(re.search(r"name=\"htmx-config\" content='([^']+)'", page.content.decode()).group(1)))
    assert config["allowEval"] is False
    assert config["includeIndicatorStyles"] is False


@override_settings(DEBUG=False)
def test_an_unknown_address_has_its_own_404_page(client: Client, db: None) -> None:
    answer = client.get("/nothing/here/")
    assert answer.status_code == 404
    assert "Page not found" in answer.content.decode()


def test_the_500_page_needs_no_database_or_files() -> None:
    from django.template.loader import render_to_string

    with translation.override("en"):
        page = render_to_string("500.html")
    assert "Something went wrong on our side" in page


def test_a_form_without_its_csrf_token_gets_a_helpful_refusal(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post("/i18n/setlang/", {"language": "zh-hans"})
    assert answer.status_code == 403
    assert "This request was blocked" in answer.content.decode()
