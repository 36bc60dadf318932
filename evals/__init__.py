"""How good it is: scenarios, scores, benchmarks, reports."""
