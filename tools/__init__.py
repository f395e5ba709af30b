"""What the repository is made with: proto generation and the demo; never imported by services."""
