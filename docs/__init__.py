"""The documentation, and the scripts that make its pictures and its numbers."""
