"""Charts that the server draws as SVG. The geometry is computed here; templates write it down."""
