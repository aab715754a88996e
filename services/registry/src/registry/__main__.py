"""`python -m registry`."""

from registry.app import main

main()
