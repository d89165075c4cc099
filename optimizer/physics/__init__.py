"""PHYSICS: compute, MFU against scale, energy, what interruptions cost, what a whole run keeps."""
