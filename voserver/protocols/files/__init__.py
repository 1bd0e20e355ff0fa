"""Files and packages of them, by HTTP."""
