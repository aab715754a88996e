"""The story: a register's first months, played on live processes, shown, and proved.

`demo()` plays it on a register of its own, `play(register)` on a fresh one that is up; `seed(register)` plays only its
beginning.
"""

from flexreg.story.demo import NotFresh, Outcome, demo, play, seed

__all__ = ["NotFresh", "Outcome", "demo", "play", "seed"]
