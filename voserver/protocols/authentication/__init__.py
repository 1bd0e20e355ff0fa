"""Who asks: what a request's Authorization header says, checked, and how clients learn to send one."""
