"""The table of question fields: one row each, from which all ways to ask and to say follow."""
