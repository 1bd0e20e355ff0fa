"""The publishing registry: what this archive is and offers, told to the registries of the Virtual Observatory."""
