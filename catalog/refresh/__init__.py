"""The catalog brought up to date: price lists imported, compared and audited.

Everything imported is data from strangers: read by name, checked, and never evaluated.
"""
