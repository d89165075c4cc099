"""Price lists as they are published: any table by a map, and the formats of the large providers.

Each reader turns a list into ``Found``; what becomes of it is the same for all.
"""
