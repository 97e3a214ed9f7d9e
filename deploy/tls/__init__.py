"""TLS before the web server: nginx's configuration, and a private authority for where no public one signs."""
