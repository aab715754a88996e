"""`python -m flexreg`: the same as `flexreg`, for a machine where no script is installed."""

from flexreg.cli import main

main()
