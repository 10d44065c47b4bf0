"""What voters read about a leader: photo, self-report, questions and answers, notices."""
