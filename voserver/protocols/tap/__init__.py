"""TAP 1.1, synchronous and asynchronous, and the VOSI resources that go with it."""
