"""The demo shop: its sources, and the script that renders them into the shop folder."""
