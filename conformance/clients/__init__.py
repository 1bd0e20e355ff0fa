"""One module a client. Importing a module enters its checks into the ledger."""
