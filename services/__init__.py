"""ZoneCarbon's services: kernel < runtime < {registry, accounting, trading} < console."""
