"""The `voserver` command. `application` declares every command; each command's work is in a module of its own."""
