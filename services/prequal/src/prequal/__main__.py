"""`python -m prequal`."""

from prequal.app import main

main()
