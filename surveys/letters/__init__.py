"""What goes by e-mail: slips and reminders, as rows of the app store. This room cannot see who has a ballot
paper.
"""
