"""The eleven steps of the story, in groups that can be read on their own."""
