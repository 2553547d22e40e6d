"""The shape of a recipe, its YAML positions and its defaults: syntax only."""
