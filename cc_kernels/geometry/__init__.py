"""Band geometry: the state-resolved quantities of theory section 1, at every k."""
