"""UWS 1.1: jobs as resources. Knows nothing of what a job does; TAP and others bring that along."""
