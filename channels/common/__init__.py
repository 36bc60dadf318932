"""What channels share: sockets, problems, reading, photos, replies as JSON, and the web application that serves them all."""
