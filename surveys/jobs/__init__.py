"""Long work in the background: a queue beside the stores, workers in the server's process, progress that can
be looked at.
"""
