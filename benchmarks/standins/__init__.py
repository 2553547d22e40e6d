"""Small models of the real architectures, trained here from random weights, for the recipes to start from: what the
recipes do can then be measured on real data without the hub."""
