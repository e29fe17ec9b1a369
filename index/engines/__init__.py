"""BM25 engines, one a file, behind ``index.engines.base``; Qdrant's is in ``index.cluster``."""
