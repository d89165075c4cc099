"""How long one optimizer step takes: shapes, layouts, memory and time, fitted to published runs."""
