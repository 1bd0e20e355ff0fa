"""`/events`: what came, went and changed in the archive, as a feed that programs poll and people subscribe to."""
