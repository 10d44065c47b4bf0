"""Everything that can be said to `surveys …`: one file a noun, over one kit. Its lazy root is
`surveys.cli`.
"""
