"""The command line for people: it knows the contract and the client, nothing of the services."""
