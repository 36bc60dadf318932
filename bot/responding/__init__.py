"""Decisions and evidence -> replies: templates, grounded answers, output guards."""
