"""`python -m bsp_switch`."""

from bsp_switch.app import main

main()
