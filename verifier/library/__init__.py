"""Named results as a library: derivation files, the DAG, states, cache and scheduling."""
