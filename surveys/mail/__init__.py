"""Mail leaves the house over SMTP, and what comes back undelivered is read. It keeps nothing and knows no
round.

Specified in docs/operations.md, "Mail". Danger: mail is read by whoever runs the servers on its way. A text
that carries a slip's code gives that code to them too.
"""
