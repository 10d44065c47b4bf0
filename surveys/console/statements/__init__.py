"""What is stated about a round for its minutes: incidents, exclusions, names, complaints."""
