"""The version of Jawab, which an index depends on."""

VERSION = "1.0.0"
