"""The `voserver` command. `application` declares every command; the work is done in a module each."""
