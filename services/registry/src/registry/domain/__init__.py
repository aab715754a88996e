"""The decisions of `registry`: pure functions of what is known."""
