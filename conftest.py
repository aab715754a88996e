"""How all tests run: a slow machine fails none of them."""

from hypothesis import HealthCheck, settings

# What takes how long is for the benchmarks to say.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
