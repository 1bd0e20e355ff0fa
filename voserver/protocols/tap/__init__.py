"""TAP 1.1 and the VOSI resources that go with it. Synchronous so far."""
