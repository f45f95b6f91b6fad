"""Our client handles LeanCloud's traps, and the official SDK confirms that the fake is faithful."""

import pytest
import requests

from coach.leancloud.batch import BatchWrite
from coach.leancloud.client import LeanCloud
from coach.leancloud.wire import LeanCloudRefused, LeanCloudUnavailable
from tests.fakes.leancloud import LeanCloudFake
from tests.stack import until


def test_the_official_sdk_works_with_the_fake(fake: LeanCloudFake, monkeypatch: pytest.MonkeyPatch) -> None:
    import leancloud

    monkeypatch.setenv("LC_API_SERVER", fake.url)
    leancloud.init(fake.app_id, app_key=fake.app_key, master_key=fake.master_key)
    skill = leancloud.Object.extend("Skill")
    first, second = skill(name="Listening"), skill(name="Clarity")
    leancloud.Object.save_all([first, second])
    assert skill.query.equal_to("name", "Clarity").first().id == second.id
    assert skill.query.count() == 2
    assert sorted(found.get("name") for found in skill.query.scan(batch_size=1)) == ["Clarity", "Listening"]
    first.set("name", "Listening closely")
    first.save()
    assert fake.objects["Skill"][first.id]["name"] == "Listening closely"
    first.destroy()
    assert list(fake.objects["Skill"]) == [second.id]
    upload = leancloud.File("turn.mp3", b"\xff\xf3 bytes", mime_type="audio/mpeg")
    upload.save()
    assert fake.content[upload.key] == b"\xff\xf3 bytes"
    until(lambda: not fake.tokens and not fake.under_way)  # the SDK reports the end in a thread of its own


def created(lean: LeanCloud, class_name: str, body: dict[str, object]) -> str:
    """Create an object; returns its id."""
    (outcome,) = lean.batch([BatchWrite("POST", class_name, body=body)])
    assert outcome.success is not None
    return str(outcome.success["objectId"])


def test_a_signed_request_is_accepted_and_a_wrong_key_is_refused(fake: LeanCloudFake) -> None:
    good = LeanCloud(server_url=fake.url, app_id=fake.app_id, master_key=fake.master_key)
    assert created(good, "Skill", {"name": "Listening"})
    bad = LeanCloud(server_url=fake.url, app_id=fake.app_id, master_key="wrong")
    with pytest.raises(LeanCloudRefused) as refusal:
        created(bad, "Skill", {"name": "Listening"})
    assert refusal.value.status == 401


def test_an_unknown_id_and_an_unknown_class_are_none(fake: LeanCloudFake, lean: LeanCloud) -> None:
    assert lean.find("Skill", {}) == []
    assert lean.found("Skill") == []
    assert list(lean.scan("Skill")) == []
    assert lean.find_file("nowhere") is None
    lean.delete_file("nowhere")
    created(lean, "Skill", {})
    assert lean.found("Skill") == ["Skill"]
    assert lean.find("Skill", {"objectId": "nowhere"}) == []


def test_a_limit_that_leancloud_would_silently_change_is_an_error_here(lean: LeanCloud) -> None:
    with pytest.raises(ValueError, match="1000"):
        lean.find("Skill", {}, limit=1001)


def test_a_read_is_repeated_through_429_and_5xx_with_growing_waits(
    fake: LeanCloudFake, lean: LeanCloud, slept: list[float]
) -> None:
    made = created(lean, "Skill", {"name": "Listening"})
    fake.fail_next(429, retry_after="7")
    fake.fail_next(502, times=2)
    (found,) = lean.find("Skill", {"objectId": made})
    assert found["name"] == "Listening"
    assert slept[0] >= 7
    assert len(slept) == 3


def test_a_create_whose_answer_is_lost_is_not_repeated(fake: LeanCloudFake, lean: LeanCloud) -> None:
    fake.lose_next_answer("/batch")
    with pytest.raises(LeanCloudUnavailable):
        created(lean, "Skill", {"name": "Listening"})
    assert len(fake.objects["Skill"]) == 1


def test_a_create_that_was_refused_before_any_work_is_repeated(fake: LeanCloudFake, lean: LeanCloud) -> None:
    fake.fail_next(429)
    assert created(lean, "Skill", {"name": "Listening"}) in fake.objects["Skill"]


def test_a_batch_reports_the_outcome_of_each_write(fake: LeanCloudFake, lean: LeanCloud) -> None:
    fake.unique.add(("Skill", "externalId"))
    created(lean, "Skill", {"externalId": "a"})
    outcomes = lean.batch(
        [
            BatchWrite("POST", "Skill", body={"externalId": "b"}),
            BatchWrite("POST", "Skill", body={"externalId": "a"}),
            BatchWrite("DELETE", "Skill", object_id="nowhere"),
        ]
    )
    assert [outcome.code for outcome in outcomes] == [0, 137, 101]
    assert outcomes[0].success is not None
    assert outcomes[0].success["objectId"] in fake.objects["Skill"]


def test_a_batch_over_the_limit_is_refused_before_it_is_sent(fake: LeanCloudFake, lean: LeanCloud) -> None:
    with pytest.raises(ValueError, match="100"):
        lean.batch([BatchWrite("POST", "Skill")] * 101)
    assert fake.requests == []


def test_a_scan_returns_every_object_once(fake: LeanCloudFake, lean: LeanCloud) -> None:
    made = {created(lean, "Turn", {"sequence": number}) for number in range(25)}
    pages = list(lean.scan("Turn", page=10))
    assert [len(page) for page in pages] == [10, 10, 5]
    assert {item["objectId"] for page in pages for item in page} == made


def test_an_expired_cursor_is_replaced_at_the_same_place(
    fake: LeanCloudFake, lean: LeanCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {created(lean, "Turn", {"sequence": number}) for number in range(25)}
    now = [0.0]
    monkeypatch.setattr(fake, "clock", lambda: now[0])
    seen = []
    for page in lean.scan("Turn", page=10):
        seen += [item["objectId"] for item in page]
        now[0] += 601
    assert len(seen) == 25
    assert set(seen) == made


def test_the_fake_has_the_services_traps(fake: LeanCloudFake, lean: LeanCloud) -> None:
    made = [created(lean, "Turn", {"sequence": number}) for number in range(120)]
    keys = {"X-LC-Id": fake.app_id, "X-LC-Key": f"{fake.master_key},master"}
    every = requests.get(f"{fake.url}/1.1/classes/Turn", params={"limit": "1001"}, headers=keys, timeout=5).json()
    assert len(every["results"]) == 100
    missing = requests.get(f"{fake.url}/1.1/classes/Turn/nowhere", headers=keys, timeout=5)
    assert (missing.status_code, missing.json()) == (200, {})
    on_condition = {"where": '{"sequence": 7}'}
    address = f"{fake.url}/1.1/classes/Turn/{made[3]}"
    refused = requests.put(address, params=on_condition, json={"sequence": 0}, headers=keys, timeout=5)
    assert (refused.status_code, refused.json()["code"]) == (400, 305)


def test_files_are_looked_up_many_at_a_time(fake: LeanCloudFake, lean: LeanCloud) -> None:
    ids = [lean.upload(f"{n}.mp3", b"bytes", key=f"ab/{n}.mp3").object_id for n in range(60)]
    fake.requests.clear()
    found = lean.find_files([*ids, "nowhere"])
    assert list(found) == ids
    assert len(fake.requests) == 2


def test_a_page_over_six_megabytes_is_requested_again_in_smaller_pages(fake: LeanCloudFake, lean: LeanCloud) -> None:
    made = {created(lean, "Turn", {"transcript": "x" * 200_000}) for _ in range(40)}
    assert {item["objectId"] for page in lean.scan("Turn", page=100) for item in page} == made


@pytest.mark.parametrize("provider", ["s3", "qiniu"])
def test_a_file_is_uploaded_downloaded_and_deleted(fake: LeanCloudFake, lean: LeanCloud, provider: str) -> None:
    fake.provider = provider
    stored = lean.upload("turn.mp3", b"\xff\xf3 bytes", key="ab/turn.mp3")
    assert lean.download(stored.url) == b"\xff\xf3 bytes"
    lean.delete_file(stored.object_id)
    lean.delete_file(stored.object_id)
    assert lean.find_file(stored.object_id) is None
    with pytest.raises(FileNotFoundError):
        lean.download(stored.url)


def test_a_failed_upload_leaves_no_file_object_behind(fake: LeanCloudFake, lean: LeanCloud) -> None:
    fake.fail_next(500, path="/upload")
    with pytest.raises(LeanCloudUnavailable):
        lean.upload("turn.mp3", b"bytes", key="ab/turn.mp3")
    assert fake.files == {}


def test_an_error_never_quotes_a_key_or_a_record(fake: LeanCloudFake, lean: LeanCloud) -> None:
    fake.fail_next(400)
    with pytest.raises(LeanCloudRefused) as refusal:
        created(lean, "Turn", {"transcript": "what was said"})
    assert "what was said" not in str(refusal.value)
    assert fake.master_key not in str(refusal.value)
