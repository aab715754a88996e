"""`python -m gateway ROLE`."""

from gateway.app import main

main()
