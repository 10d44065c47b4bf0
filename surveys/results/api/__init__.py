"""Published results for programs: the documents, and their description (docs/api.md, openapi.json beside this
file).
"""
