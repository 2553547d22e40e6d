"""Files to rows: TSV, CSV, JSON Lines, Parquet, XLSX, CoNLL, pairs of aligned text files, data sets
on the hub, and the built-in phrasebook.
"""

from dragoman.data.readers.columns import column_names, has_column
from dragoman.data.readers.sources import describe_source, file_format, read_source, source_files

__all__ = ["column_names", "describe_source", "file_format", "has_column", "read_source", "source_files"]
