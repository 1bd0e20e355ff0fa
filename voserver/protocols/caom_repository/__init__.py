"""`/caom`: observations as CAOM documents, to be harvested by other archives (CADC's CAOM repository interface)."""
