"""Single files of npm packages are served, and no others."""

from django.contrib.staticfiles import finders
from django.test import Client

from coach.pages.npm_files import NPM_FILES, NpmFileFinder


def test_each_file_is_found_listed_and_served(client: Client) -> None:
    listed = dict(NpmFileFinder().list([]))
    assert set(listed) == set(NPM_FILES)
    for name in NPM_FILES:
        assert finders.find(name)
        with listed[name].open(name) as file:
            assert file.read(16)
    answer = client.get("/static/npm/onnxruntime-web/ort.mjs")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(("text/javascript", "application/javascript"))


def test_other_files_of_a_package_are_not_served() -> None:
    assert not finders.find("npm/onnxruntime-web/ort.all.mjs")
    assert not finders.find("npm/onnxruntime-web/../../package.json")
