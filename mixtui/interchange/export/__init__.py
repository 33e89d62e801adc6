"""Write a request as a command or a program."""
