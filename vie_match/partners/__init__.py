"""Who should join: partner cities in order, the best team under a call's rules, a network's teams."""
