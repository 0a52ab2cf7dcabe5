"""`make test` runs everything: some 15 minutes on two cores, most of it on SQLite and a broker in memory.

`browser` needs Chromium, and one test of `processes` nginx. Without them they skip, or fail if CI=true.
`newman` (in `monitors/runner`) needs the development packages of npm. `linear` and `bad_input` take minutes.
With DATABASE_URL and TEST_BROKER_URL it uses PostgreSQL and Redis. Only there are row locks tested.
`bench`, `chaos` and `bare_machine` are programs with make targets of their own, and take minutes each.
"""
