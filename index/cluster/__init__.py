"""A collection in a Qdrant cluster: filled by the machine that builds, asked by many bots."""
