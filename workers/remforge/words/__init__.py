"""Words: what a text tells, from lexicons of our own, statistics, and a sentence encoder where there is one."""
