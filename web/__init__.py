"""Web: the thin front end. Validates, stores uploads, enqueues, answers. Imports jobs and stores.ports."""
