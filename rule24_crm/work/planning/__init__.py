"""The work plan: works spread over managers and working days.

`windows` and `planner` are pure: plain data in, plain data out, nothing of the database. `loading` fills that data,
`service` makes the preview and the commit out of both.
"""
