"""Time: what is asked for now and done later, with UWS's phases. Lives in PostgreSQL and survives restarts."""
