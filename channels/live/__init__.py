"""Live rooms: comments and public replies over one WebSocket a viewer."""
