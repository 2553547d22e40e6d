"""A cleaned corpus, shown: a page that needs nothing but itself, and tables for a terminal."""

from dragoman.report.corpus.page import write_corpus_report
from dragoman.report.corpus.terminal import print_corpus_receipt, print_explanation

__all__ = ["print_corpus_receipt", "print_explanation", "write_corpus_report"]
