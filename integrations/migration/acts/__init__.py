"""What the software does for a person, on a button of a step."""
