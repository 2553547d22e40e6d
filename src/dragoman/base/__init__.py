"""What every room stands on: errors, files, progress, devices, seeds. Imports nothing of the package."""
