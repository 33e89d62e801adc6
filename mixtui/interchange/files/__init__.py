"""Import the files of other programs: OpenAPI documents and Postman collections."""
