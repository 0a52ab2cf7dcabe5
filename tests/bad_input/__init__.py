"""Whatever is sent to any route is answered with a status under 500."""
