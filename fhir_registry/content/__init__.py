"""Files in, frozen objects out: definitions, profiles, views, concept maps, measures."""
