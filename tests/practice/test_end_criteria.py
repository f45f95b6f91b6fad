"""End criteria address the trainee as "you"; models read the trainee's name instead."""

import pytest

from practice.catalog import end_criteria


@pytest.mark.parametrize(
    ("criterion", "read"),
    [
        ("You have named the sum.", "Kim has named the sum."),
        ("You've named the sum.", "Kim has named the sum."),
        ("Dana admits that the work was yours.", "Dana admits that the work was Kim's."),
        ("Frank knows that you are leaving, and your reasons.", "Frank knows that Kim is leaving, and Kim's reasons."),
        ("It fails if you blame yourself.", "It fails if Kim blame themselves."),
        ("Sam says “I owe you this”.", "Sam says “I owe you this”."),
        ("It fails if the trainee leaves.", "It fails if Kim leaves."),
        ("Both were young in Youngstown.", "Both were young in Youngstown."),
        ("失败：你答应加班。", "失败：Kim答应加班。"),
        ("练习者说出了数字。", "Kim说出了数字。"),
    ],
)
def test_models_read_the_trainees_name_in_place_of_you(criterion, read):
    assert end_criteria.about(criterion, "Kim") == read


@pytest.mark.parametrize(
    ("criterion", "what"),
    [
        ("It fails if you take the request back.", "You take the request back."),
        ("Fails when Sam leaves.", "Sam leaves."),
        ("失败：你答应整个周末加班。", "你答应整个周末加班。"),
        ("Failsafe.", "Failsafe."),
    ],
)
def test_beside_whether_it_happened_a_failure_is_named_without_it_fails_if(criterion, what):
    assert end_criteria.what_fails(criterion) == what
