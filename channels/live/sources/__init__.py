"""Platforms that come with Streamdesk, each registered as a stranger's is; see docs/live-sources.md."""
