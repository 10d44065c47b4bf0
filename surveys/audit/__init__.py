"""What anybody can check without trusting anybody: the audit bundle and its verifier
(docs/protocol.md §14).
"""
