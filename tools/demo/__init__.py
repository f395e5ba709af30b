"""The demo: starts the services, loads the sample zone as its users would, prints one page."""
