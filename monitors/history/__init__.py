"""Made-up history: runs, details, roll-ups, outages and gaps of many monitors, stored in bulk.

It shows what Postwatch does with much data, on pages and in benchmarks (`manage.py make_history`).
"""
