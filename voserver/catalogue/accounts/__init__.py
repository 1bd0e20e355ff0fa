"""Who may sign in, with what, and to which groups he belongs: looked up for the server, administered by commands."""

from voserver.catalogue.accounts.lookups import Account, Accounts, KnownToken, groups_of_owner

__all__ = ["Account", "Accounts", "KnownToken", "groups_of_owner"]
