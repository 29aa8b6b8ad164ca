from quanyu.flows.pipeline.pace import LEAST, TARGET_S, Pace


def test_quick_full_batches_grow_up_to_the_most() -> None:
    pace = Pace(1_000)
    pace.failed()
    assert pace.size == 250
    pace.took(250, 0.1)
    pace.took(500, 0.1)
    pace.took(1_000, 0.1)
    assert pace.size == 1_000


def test_a_batch_that_was_not_full_says_nothing_about_larger_ones() -> None:
    pace = Pace(1_000)
    pace.failed()
    pace.took(3, 0.01)
    assert pace.size == 250


def test_a_slow_batch_shrinks_the_next_to_what_fits() -> None:
    pace = Pace(20_000)
    pace.took(20_000, 2 * TARGET_S)
    assert pace.size == 10_000


def test_it_never_shrinks_to_nothing() -> None:
    pace = Pace(1_000)
    for _ in range(9):
        pace.failed()
    assert pace.size == LEAST
    pace.took(LEAST, 60)
    assert pace.size == LEAST
