"""A call's texts → rules, each with the words it rests on."""
