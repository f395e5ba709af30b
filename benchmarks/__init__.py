"""What the numbers in docs/performance.md come from: every figure a ratio measured in one run."""
