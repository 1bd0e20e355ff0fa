"""Real clients and validators against a running server, and the report of what they showed.

`python -m conformance` runs them (`make conformance`, `make conformance-gui`). A check is a small function in
`clients/`, one module a client; it says in words what it saw, and fails where that is not what it should be.
"""
