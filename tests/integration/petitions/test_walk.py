"""A short random walk through what happens to signatures, the same at every run; tests/long has the long one."""

from flask import Flask

from tests.walks import walk


def test_the_count_equals_the_rows_after_any_sixty_steps(app: Flask) -> None:
    steps, happened = walk(examples=4, steps=30, derandomize=True)
    assert steps >= 60
    assert {"confirmed", "hold", "invalidate", "undone"} <= {what for what, count in happened.items() if count}
