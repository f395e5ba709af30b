"""The sample zone: one real meter year and labelled synthetic enterprises around it."""
