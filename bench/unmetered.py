"""The web server without its counting: `gunicorn -c config/gunicorn.py bench.unmetered:app`."""

from web.wiring import wired

app = wired(metered=False)
