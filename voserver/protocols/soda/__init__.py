"""SODA 1.0: parts of images, cubes and spectra, at once (`/soda/sync`) or as jobs (`/soda/async`)."""
