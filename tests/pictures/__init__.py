"""The pictures of README and handbooks, made from the running demo, so that they stay true (`make
pictures`).
"""
