"""An LLM's server on the loopback address, for tests and benchmarks: two protocols, faults on request."""
