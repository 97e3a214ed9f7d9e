"""What goes on after a request: event streams, WebSocket subscriptions, webhooks. Imports jobs, stores.ports and web."""
