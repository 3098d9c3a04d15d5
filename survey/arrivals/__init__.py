"""What only the invitation side can know of a form: when it came, from which network. Counted, never kept.

A submit adds one to counters of its office and group: to the hour, and to a bucket of the sender's network. The bucket
is a hash with a salt of the day, cut to 16 bits; counters and salt lie in the drafts' database, which no backup
contains, until the day is over. Then they become a few numbers a day (how many forms, how many in the busiest hour, how
many from networks that sent several) and go. No counter leads to an invitation or to a box.
"""
