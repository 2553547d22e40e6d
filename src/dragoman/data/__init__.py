"""From files to rows, examples, encoded sets and batch plans."""
