"""Training, loading and applying the Unigram tokenizer."""
