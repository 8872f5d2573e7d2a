"""The hand-over pack: what is carried to the door of who is asked, and how anybody can check that it is unaltered."""
