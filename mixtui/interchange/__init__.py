"""What others wrote about requests, taken over; and requests, written for others."""
