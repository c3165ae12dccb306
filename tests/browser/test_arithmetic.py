"""What timeline.js computes, without a browser: its tests are JavaScript, run by Node."""

import subprocess
from pathlib import Path

TESTS = Path(__file__).with_name("timeline.test.mjs")


def test_arithmetic_of_the_timeline(node):
    command = [node, "--test", str(TESTS)]
    run = subprocess.run(command, capture_output=True, check=False, text=True, timeout=60)
    assert run.returncode == 0, run.stdout
