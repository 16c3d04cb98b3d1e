"""Named results as pytest items."""
