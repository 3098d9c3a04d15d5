"""A report on its way to the public: what it was made of, how it is made again, what is out and what became of it."""
