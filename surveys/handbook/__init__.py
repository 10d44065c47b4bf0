"""The handbooks (docs/handbook) as pages of the site: what each person does, in both languages. Knows no
round and no person.
"""
