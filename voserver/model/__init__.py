"""Words that every layer shares: columns, tables, rows, regions, errors. Nothing here does I/O."""
