"""Prequalification: who is qualified, how much of which group is approved, what may be bid now and until when."""
