"""What is assumed of the clocks of the machines that Postwatch runs on."""

from datetime import timedelta

CLOCK_TOLERANCE = timedelta(minutes=1)
"""By how much the clocks of two machines may differ. A time further ahead was written before the clock was
set back."""
