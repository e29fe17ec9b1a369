"""The version of Jawab, which an index depends on."""

VERSION = "0.1.0"
