"""The models of docs/model: what they declare is read here, and held against ProVerif and against the threat
model.
"""
