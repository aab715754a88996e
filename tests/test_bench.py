"""The benchmarks run, whatever their figures: nobody runs them often, and what they measure changes."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from launcher.sources import Source

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

NAMES = {"registry", "relay", "rebuild", "values", "verifying", "country-values", "export"}
"""Those without a whole register: `start` and `commands` do what other tests here do."""


async def test_every_benchmark_prints_its_figures(test_source: Source) -> None:
    if not test_source.is_embedded:
        pytest.skip("benchmarks start servers of their own")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench", *sorted(NAMES), "--quick", "--in-memory", "--json"),
        cwd=Path(__file__).parent.parent,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await process.communicate()
    assert process.returncode == 0, complained.decode()[-2000:]
    figures = [json.loads(line) for line in said.decode().splitlines()]
    assert {figure.get("bench") for figure in figures} >= NAMES, figures[:3]
