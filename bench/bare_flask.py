"""What a user would write instead: Flask and `delay()`, the state from the result backend, nothing recorded, nobody asked.

Served as the product is: `gunicorn -k gevent -w 1 bench.bare_flask:app`.
"""

from flask import Flask, Response, jsonify, request

from bench.bare_celery import celery, echo

app = Flask(__name__)


@app.post("/jobs")
def submit() -> tuple[Response, int]:
    """Enqueue a task."""
    task = echo.delay(request.get_json()["params"]["echo"])
    return jsonify(id=task.id), 202


@app.get("/jobs/<task_id>")
def status(task_id: str) -> Response:
    """Say where a task stands."""
    return jsonify(id=task_id, state=celery.AsyncResult(task_id).state)
