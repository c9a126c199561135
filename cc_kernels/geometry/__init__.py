"""Band geometry: the state-resolved quantities (docs/theory.md, "State by state"), at every k."""
