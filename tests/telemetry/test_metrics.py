import pytest

from coach.telemetry import metrics, names


def test_counters_add_up_by_attribute(recorded):
    metrics.count(names.SESSIONS_ENDED, reason="idle", saved=True)
    metrics.count(names.SESSIONS_ENDED, 2, reason="manual", saved=True)
    assert recorded.counted(names.SESSIONS_ENDED, reason="manual") == 2
    assert recorded.counted(names.SESSIONS_ENDED) == 3


def test_histograms_have_bounds_around_their_target(recorded):
    metrics.measure(names.TERMINATION_LATENCY, 1900)
    (point,) = recorded.points(names.TERMINATION_LATENCY)
    assert 2000 in point.explicit_bounds
    assert point.sum == 1900


def test_gauges_are_read_when_exported(recorded):
    waiting = [3]
    metrics.watch(names.SESSIONS_PENDING, lambda: waiting[0])
    metrics.watch(names.MIRROR_AGE, lambda: None)
    assert [point.value for point in recorded.points(names.SESSIONS_PENDING)] == [3]
    assert recorded.points(names.MIRROR_AGE) == []


def test_a_metric_is_used_by_its_own_kind():
    with pytest.raises(TypeError):
        metrics.count(names.SESSIONS_ACTIVE)
    with pytest.raises(KeyError):
        metrics.count("coach.unheard.of")


def test_every_metric_has_a_description():
    constants = {v for k, v in vars(names).items() if isinstance(v, str) and v.startswith("coach.") and k.isupper()}
    assert constants == set(names.METRICS)
    assert all(metric.unit and metric.description for metric in names.METRICS.values())
