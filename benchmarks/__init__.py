"""Speed and quality against peers, run by hand; the results stand in README.md beside this."""
