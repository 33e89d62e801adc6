"""Read and write the files of the user and the app, each completely or not at all."""
