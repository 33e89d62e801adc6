"""Import Postman 2.x collections."""
