"""Workers: the Celery app and one package per pool."""
