"""What every page shares: doors (who may come in), headers, languages, refusals in words, fields of a
form.
"""
