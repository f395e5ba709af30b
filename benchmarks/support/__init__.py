"""What benchmarks set up before they measure."""
