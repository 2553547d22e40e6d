"""Raw text and sentence pairs, made ready for training: normalised, filtered by rules, without duplicates."""
