"""The demo that `make run` starts: Postwatch, an API for it to monitor, and a stand-in for PagerDuty."""
