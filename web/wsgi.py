"""The entry point of the web server: `gunicorn -c config/gunicorn.py web.wsgi:app`."""

from web.wiring import wired

app = wired()
