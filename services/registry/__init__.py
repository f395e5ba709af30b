"""The registry: who emits and where; which factors apply, and by which units one may speak."""
