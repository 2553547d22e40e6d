"""The models, behind one face."""
