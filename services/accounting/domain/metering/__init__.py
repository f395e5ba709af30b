"""What is made of meters: heat of steam and water, uncalibrated readings, coal equivalents."""
