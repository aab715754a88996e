"""The commands of `flexreg`, one module per group of them; `flexreg.cli` puts them together."""
