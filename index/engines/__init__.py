"""BM25 engines, one a file, all behind ``index.engines.base``."""
