"""DataLink 1.1: `/datalink/links`, and the descriptors of services in other answers by which clients find it."""
