"""What is asked and how it is counted: data and pure functions. Imports nothing of ours."""
