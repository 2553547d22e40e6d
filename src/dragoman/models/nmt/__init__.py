"""Our own encoder-decoder for translation."""
