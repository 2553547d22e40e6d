"""What a recipe will do, said before it does it."""
